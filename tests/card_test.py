#!/usr/bin/env python3
"""The design card (R40-R43): the libraries that carry the suite, its tree, a process and a database a
service.

usage: card_test.py ROOT BIN     BIN: the folder of the built programs
Prints PASS or FAIL and what was looked at, a line a promise; exit 1 when one is broken.
"""
import pathlib
import re
import subprocess
import sys

ROOT, BIN = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])

# What the user's card names; every program that speaks on the bus is linked with them.
CARD = {"libzmq", "libczmq", "libprotobuf-c", "libsqlite3"}
# ARCHITECTURE §8: the field's own, for what each is needed. nettle hashes in libcrypto's place: as fast, and
# loaded already by libmicrohttpd, where libcrypto costs every process half a megabyte (G6).
FIELD = {"libcurl", "libmicrohttpd", "libunistring", "libcrypto", "libnettle", "libssl", "libsodium", "libjansson", "libyaml-0",
         "libxml2", "libz", "libarchive", "libgmime-3.0", "libical", "libcjose", "libpng16", "libvips", "liblinear"}
SYSTEM = {"libc", "libm", "libgcc_s", "libpthread", "libdl", "ld-linux-x86-64", "ld-linux-aarch64", "libasan", "libubsan"}
TREE = {"services", "proto", "common", "tests", "deploy", "CMakeLists.txt", "README.md", "CMakePresets.json", "LICENSE"}

bad = 0


def say(ok, what):
    global bad
    bad += not ok
    print(("PASS " if ok else "FAIL ") + what)


def needed(program):
    said = subprocess.run(["readelf", "-d", str(program)], capture_output=True, text=True, check=True).stdout
    return {re.sub(r"(-\d[\d.]*)?\.so.*$", "", name) for name in re.findall(r"\(NEEDED\).*\[(.*?)\]", said)}


def loaded_late(program):
    """libcurl is no NEEDED: a program loads it at its first use, by the name that is written in it."""
    return {"libcurl"} if re.search(rb"\0libcurl(-gnutls)?\.so\.\d+\0", program.read_bytes()) else set()


def services():
    return sorted(p.parent.name for p in (ROOT / "services").glob("*/schema.sql"))


def libraries():
    used, looked = set(), 0
    for name in services():
        libs = needed(BIN / f"uppsikt-{name}") | loaded_late(BIN / f"uppsikt-{name}")
        looked += 1
        used |= libs
        missing = CARD - libs
        if missing:
            say(False, f"r40 uppsikt-{name} is not linked with {', '.join(sorted(missing))}")
        # A version in the name (libpng16, libcrypto) is part of it.
        strange = {lib for lib in libs if lib not in CARD | FIELD | SYSTEM and lib + "-0" not in FIELD}
        if strange:
            say(False, f"r40 uppsikt-{name} is linked with {', '.join(sorted(strange))}: not in the architecture's table")
    say(looked > 0 and "libcurl" in used and CARD <= used,
        f"r40 ZeroMQ, CZMQ, protobuf-c, SQLite and libcurl carry the suite: {looked} programs")


def tree():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=False).stdout
    top = {line.split("/")[0] for line in listed.splitlines()} or {p.name for p in ROOT.iterdir()}
    top = {name for name in top if not name.startswith(".")} - {"build", "data"}
    say(top == TREE, f"r41 the top level is the card's: {len(top)} names" +
        "".join(f", {name} is {'new' if name in top else 'missing'}" for name in sorted(top ^ TREE)))


def pure(folder):
    """The nouns of a folder that stand in a library of pure code, which anybody may be linked with."""
    text = (folder / "CMakeLists.txt").read_text(encoding="utf-8")
    for name, words in re.findall(r"set\((\w+) ([^()]*)\)", text):
        text = text.replace(f"${{{name}}}", words)
    lists = re.findall(r"(?:upp_pure|add_library)\((.*?)\)", text, flags=re.S)
    return {noun for words in lists for noun in re.findall(r"(\w+)\.c\b", words)}


def apart():
    """r42: a service is built from its own folder and from libraries of pure code, never from another
    service's rows and handlers."""
    looked = 0
    headers = {(p.parent.name, p.stem) for p in (ROOT / "services").glob("*/*.h")}
    shared = {(p.name, noun) for p in (ROOT / "services").iterdir() if p.is_dir() for noun in pure(p)}
    for name in services():
        for source in (ROOT / "services" / name).glob("*.[ch]"):
            looked += 1
            for header in re.findall(r'#include "([^"/]+)\.h"', source.read_text(encoding="utf-8")):
                owners = {folder for folder, stem in headers if stem == header}
                if owners and name not in owners and not any((o, header) in shared for o in owners):
                    say(False, f"r42 services/{name}/{source.name} includes {header}.h of {', '.join(owners)}")
    say(looked > 0, f"r42 no service is built from another one's folder: {looked} files")


def speech():
    """r43: nothing but the runtime knows the bus."""
    looked = 0
    for source in (ROOT / "services").rglob("*.c"):
        if source.parts[-2] == "capture":  # its own socket, by design not the bus
            continue
        looked += 1
        if re.search(r'#include\s*[<"](zmq|czmq)\.h', source.read_text(encoding="utf-8")):
            say(False, f"r43 {source.relative_to(ROOT)} speaks ZeroMQ past the runtime")
    say(looked > 0, f"r43 services speak protobuf through the runtime alone: {looked} files")


libraries()
tree()
apart()
speech()
sys.exit(1 if bad else 0)
