# Turns IN into a C file that defines `const char SYM[]`, ended by a zero byte (bytes, so any text
# goes). Character constants, since 0xc3 is no char where char is signed.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
file(WRITE ${OUT} "extern const char ${SYM}[];\nconst char ${SYM}[] = {${bytes}0};\n")
