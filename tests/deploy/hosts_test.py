#!/usr/bin/env python3
"""Each program on a host of its own, as the pods of deploy/kubernetes have it: tcp with CURVE, addresses by name from
peers.yaml, its own run folder, its own secrets and no others (R42, R43, R44).

usage: hosts_test.py BIN   BIN: the folder of the programs
Real processes on this machine's loopback; the configuration is deploy/etc, which images and units have, too.
"""
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, Checks, Failed, Place, Process, free_port, short_type, wait_for  # noqa: E402

SUITE = ("registry", "ingest", "classify", "escalation", "evidence", "archive", "console", "feed")


class Hosts:
    """The programs, and the operators' command on a host that has none of their sockets."""

    def __init__(self, place):
        self.place = place
        self.top = place.folder
        self.ports = {name: free_port() for name in SUITE}
        self.web = free_port()
        self.services = {}
        etc = self.top / "etc"
        shutil.copytree(ROOT / "deploy/etc", etc)
        shutil.copy(ROOT / "deploy/rights.yaml", etc)
        (etc / "uppsikt.yaml").write_text(f"run: {self.run_of('uppsikt')}\nkeys: {self.top}/masters/keys\n"
                                          f"place: {self.top}/masters/place\nconfig: {etc}\n")
        (self.top / "masters").mkdir(0o700)
        place.data = etc
        place.call("keys", "hand-out", self.top / "handed")
        for name in (*SUITE, "public"):
            self.mount(name)

    def mount(self, name):
        """As Kubernetes mounts a Secret: links to files behind one link that is changed at once."""
        there = self.top / "mounted" / name / "..2026"
        shutil.copytree(self.top / "handed" / name, there)
        (there.parent / "..data").symlink_to(there.name)
        for file in there.iterdir():
            (there.parent / file.name).symlink_to(f"..data/{file.name}")

    def run_of(self, name):
        """A folder that holds peers.yaml and, of sockets, its own alone."""
        folder = self.top / f"run-{name}"
        if not folder.is_dir():
            folder.mkdir(0o700)
            (folder / "peers.yaml").write_text("".join(f"{peer}: tcp://localhost:{port}\n" for peer, port in self.ports.items()))
        return folder

    def env(self, name):
        data = self.top / "data" / name
        data.mkdir(parents=True, exist_ok=True)
        more = {"registry": {"UPPSIKT_REGISTRY_PUBLISH_FOLDER": str(data / "register")},
                "archive": {"UPPSIKT_ARCHIVE_FOLDER": str(data / "store")},
                "console": {"UPPSIKT_CONSOLE_PORT": str(self.web)}}
        return self.place.env(CREDENTIALS_DIRECTORY=str(self.top / "mounted" / name), UPPSIKT_KEYS=str(self.top / "mounted/public"),
                              UPPSIKT_RIGHTS=str(self.top / "etc/rights.yaml"), UPPSIKT_DATA=str(data), UPPSIKT_PLACE=str(data),
                              UPPSIKT_RUN=str(self.run_of(name)), UPPSIKT_LISTEN=f"tcp://127.0.0.1:{self.ports[name]}",
                              **more.get(name, {}))

    def words(self, name, *more):
        return [str(self.place.bin / f"uppsikt-{name}"), "--config", str(self.top / "etc" / f"{name}.yaml"), *more]

    def start(self, name):
        one = Process(self.words(name), self.top / f"{name}.log", env=self.env(name))
        self.services[name] = one
        self.place.started.append(one)

    def healthy(self):
        for name in SUITE:
            wait_for(f"{name} is healthy", lambda n=name: subprocess.run(
                self.words(n, "healthcheck"), env=self.env(n), capture_output=True, check=False).returncode == 0, 60)


def story(checks, place):
    hosts = Hosts(place)
    for name in SUITE:
        hosts.start(name)
    hosts.healthy()
    checks.that("r44 each program is healthy on a host of its own", all(s.alive() for s in hosts.services.values()))
    sockets = {name: sorted(p.name for p in hosts.run_of(name).iterdir() if p.is_socket()) for name in SUITE}
    checks.that("r43 no socket of the bus is a file", not any(name in sockets[name] for name in SUITE), sockets)
    states = place.states()
    checks.that("r44 the operators' command reaches all of them by name", sorted(states) == sorted(SUITE), sorted(states))

    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("ops", "operations")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(), "--last-name",
                   "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "take-over", "--id", "fb", "--platform", "facebook", "--unit", "komm", "--handle", "fb", "--name",
               "Sjöberga", "--purpose", "samtal", "--watch", "manual", person="ops")
    line = json.dumps({"account": "fb", "external_id": "c-1", "kind": "comment", "text": "Hej! När öppnar badhuset på lördag?",
                       "author": {"id": "u1", "name": "Person"}, "created_at": "-1h"})
    place.call("import", "--relative", given=line + "\n", person="ops")

    def opened():
        events = place.rows("tail", "--from", "0", "--idle", "500ms")
        return [e for e in events if short_type(e) == "MatterOpened" and e["data"]["kind"] == "MATTER_KIND_QUESTION"]
    checks.that("r42 a comment goes all the way between them", len(wait_for("the matter is opened", opened, 60)) == 1)

    # The console acts through the bus, too: a sign-in is made by asking, over tcp, whom registry knows.
    place.call("person", "password", "anna", "--name", "anna", given="blå hästar springer fort\n", person="ops")
    page = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-L", f"http://127.0.0.1:{hosts.web}/"],
                          capture_output=True, text=True, check=False).stdout
    checks.that("r44 the web pages answer", page == "200", page)

    hosts.services["ingest"].kill()
    hosts.start("ingest")
    hosts.healthy()
    place.call("import", "--relative", given=line.replace("c-1", "c-2") + "\n", person="ops")
    checks.that("r42 who was killed is found again at its name, and goes on",
                len(wait_for("the second matter is opened", lambda: len(opened()) == 2 and opened(), 60)) == 2)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
