# Writes OUT: every top-level message of the .proto files IN, sorted by name, as a table of
# protobuf-c's descriptors.
set(names)
set(text "/* Made by common/cmake/type_table.cmake. */\n#include <protobuf-c/protobuf-c.h>\n")
foreach(file ${IN})
  file(STRINGS ${file} lines REGEX "^message [A-Za-z0-9]+ *{")
  foreach(line ${lines})
    string(REGEX REPLACE "^message ([A-Za-z0-9]+).*" "\\1" name "${line}")
    list(APPEND names ${name})
  endforeach()
endforeach()
list(SORT names)
set(table "")
set(declared "")
list(LENGTH names count)
foreach(name ${names})
  # protobuf-c's CamelToLower: '_' before an upper-case letter that follows one that is not.
  string(REGEX REPLACE "([^A-Z])([A-Z])" "\\1_\\2" lower "${name}")
  string(TOLOWER "${lower}" lower)
  string(APPEND declared
    "extern const ProtobufCMessageDescriptor uppsikt__${lower}__descriptor;\n")
  string(APPEND table "    &uppsikt__${lower}__descriptor,\n")
endforeach()
file(WRITE ${OUT} "${text}${declared}"
  "extern const ProtobufCMessageDescriptor *const upp_type_table[];\n"
  "extern const size_t upp_type_table_n;\n"
  "const ProtobufCMessageDescriptor *const upp_type_table[] = {\n${table}};\n"
  "const size_t upp_type_table_n = ${count};\n")
