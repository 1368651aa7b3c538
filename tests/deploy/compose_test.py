#!/usr/bin/env python3
"""The suite as containers, with podman and podman-compose as compose.yaml says: built, started, killed, stopped,
upgraded (R42, R44; P1, P2).

usage: compose_test.py BIN   BIN: the folder of the programs, which are copied into the images
One line PASS or FAIL for each thing that is looked at; 77: no container can be run here.
"""
import collections
import json
import os
import pathlib
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))
from compose_world import ALL, SUITE, Containers, lacks  # noqa: E402
from place import Checks, Failed, short_type, wait_for  # noqa: E402

GRACE = 30


def images(checks, world):
    world.build(world.tag)
    for name, user in (("uppsikt", "10001:10001"), ("uppsikt-capture", "10002:10001")):
        image = world.inspect(f"localhost/{name}:{world.tag}", "image")
        config = image["Config"]
        checks.that(f"r44 {name}: a user by number", config["User"] == user, config["User"])
        checks.that(f"r44 {name}: a health check that needs no shell", image["Healthcheck"]["Test"][0] == "CMD",
                    image["Healthcheck"])
        checks.that(f"r44 {name}: what it is stands on it", {"title", "version", "revision", "licenses", "base.name"} <=
                    {key.removeprefix("org.opencontainers.image.") for key in config["Labels"]}, config["Labels"])
        checks.that(f"r44 {name}: no volume without a name", not config.get("Volumes"), config.get("Volumes"))
        found = world.podman("run", "--rm", "--network=none", "--entrypoint", "/bin/sh", f"localhost/{name}:{world.tag}", "-c",
                             "ls /usr/bin/gcc /usr/bin/cmake /usr/bin/ninja 2>/dev/null; ls /usr/bin/uppsikt*").stdout.split()
        wanted = ["/usr/bin/uppsikt", *(f"/usr/bin/uppsikt-{s}" for s in SUITE)] if name == "uppsikt" else ["/usr/bin/uppsikt-capture"]
        checks.that(f"r44 {name}: its programs, and no compiler", sorted(found) == sorted(wanted), found)


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().split("\n")
    return {key: value.strip() for key, value in (line.split(":", 1) for line in lines if ":" in line)}


def hardened(checks, world):
    for service in ALL:
        state = status_of(world.pid(service))
        at = state["CapEff"], state["NoNewPrivs"], state["Seccomp"], state["Uid"].split()[0]
        wanted = "0" * 16, "1", "2", "10002" if service == "capture" else "10001"
        checks.that(f"r44 {service}: no capability, no new privilege, system calls filtered, its own user", at == wanted, at)
        refused = world.podman("exec", world.container(service), "/bin/sh", "-c", "echo x > /etc/uppsikt/x", ok=None)
        checks.that(f"r44 {service}: its root cannot be written", "Read-only" in refused.stderr, refused.stderr)
        own = world.podman("exec", world.container(service), "ls", "/etc/uppsikt/secrets").stdout.split()
        checks.that(f"r44 {service}: of the secrets its own", f"{service}.key" in own and
                    not [n for n in own if n.endswith(".key") and n != f"{service}.key"], own)
        routes = pathlib.Path(f"/proc/{world.pid(service)}/net/route").read_text().split("\n")[1:]
        outside = any(line.split()[1] == "00000000" for line in routes if line)
        wants = service in ("ingest", "escalation", "console", "feed", "capture")
        checks.that(f"r44 {service}: {'has' if wants else 'has no'} way out", outside == wants, routes)
    said = world.podman("exec", world.container("capture"), "/usr/bin/uppsikt-capture", "healthcheck").stdout
    checks.that("r44 the browser starts in its container, with its own sandbox", '"notes":[]' in said, said)


def organisation(world):
    world.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    world.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ops", "operations")):
        world.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(), "--last-name",
                   "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    world.call("account", "take-over", "--id", "fb", "--platform", "facebook", "--unit", "komm", "--handle", "fb", "--name",
               "Sjöberga", "--purpose", "samtal", "--watch", "manual", person="ops")
    for rank, who in enumerate(("anna", "bo"), 1):
        world.call("account", "grant", "fb", who, "--rank", rank, person="ops")


def lines(first, n, text="Hej! När öppnar badhuset på lördag?"):
    return "".join(json.dumps({"account": "fb", "external_id": f"c-{i}", "kind": "comment", "text": f"{text} {i}",
                               "author": {"id": f"u{i}", "name": f"Person {i}"}, "created_at": "-1h"}) + "\n"
                   for i in range(first, first + n))


class Heard:
    """All that the logs say."""

    def __init__(self, world):
        self.events = world.rows("tail", "--from", "0", "--idle", "700ms")

    def of(self, name):
        """Of the matters those that ask for an answer to a comment: many alike make others, too."""
        return [e for e in self.events if short_type(e) == name and
                (name != "MatterOpened" or e["data"]["kind"] == "MATTER_KIND_QUESTION")]

    def doubled(self, name):
        return [k for k, n in collections.Counter(e["data"]["item"] for e in self.of(name)).items() if n > 1]

    def numbers_are_dense(self):
        logs = collections.defaultdict(list)
        for e in self.events:
            logs[e["source"]].append(e["sequence"])
        return all(numbers == list(range(1, len(numbers) + 1)) for numbers in logs.values()), dict(logs)


def heard(world, items):
    """Waits until so many comments have gone all the way; what was heard then."""
    def all_there():
        now = Heard(world)
        return now if min(len(now.of("CommentReceived")), len(now.of("CommentClassified"))) >= items and \
            len(now.of("MatterOpened")) >= items else None
    return wait_for(f"{items} comments are received, classified, and a matter each", all_there, 60)


def once(checks, when, now, items):
    for name in ("CommentReceived", "CommentClassified", "MatterOpened"):
        checks.that(f"p2 {when}: {items} times {name}, none lost, none twice", len(now.of(name)) == items and
                    not now.doubled(name), f"{len(now.of(name))} {now.doubled(name)}")
    dense, numbers = now.numbers_are_dense()
    checks.that(f"p1 {when}: no log has a gap", dense, numbers)


def the_job(checks, world):
    said = world.call("import", "--relative", "--account", "fb", given=lines(1, 1), person="ops")
    now = heard(world, 1)
    checks.that("r44 a comment is imported, classified and becomes a matter", len(now.of("MatterOpened")) == 1, said)
    item = now.of("CommentReceived")[0]["data"]["item"]
    rows = json.dumps(world.rows("matter", "list", "--account", "fb", person="ops"))
    checks.that("r44 the operators' command shows the matter", item in rows, rows)
    page = world.run("nsenter", f"--net=/run/netns/{world.name}", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-L",
                     "http://127.0.0.1:8080/").stdout
    checks.that("r44 the web pages answer on this machine's port", page == "200", page)


def one_dies(checks, world, service, first, n):
    """kill -9 amid work: it comes back by itself."""
    before = world.inspect(world.container(service))["RestartCount"]
    old = world.pid(service)
    os.kill(old, signal.SIGKILL)
    at = time.monotonic()
    world.call("import", "--relative", "--account", "fb", given=lines(first, n), person="ops", ok=False)
    wait_for(f"{service} is started again", lambda: world.pid(service) not in (0, old), 30)
    world.healthy((service,))
    print(f"FIGURE {service} in a container: killed, healthy again within {time.monotonic() - at:.1f} s, an import of {n} meanwhile")
    checks.that(f"r42 {service} was killed and is there again by itself", world.inspect(world.container(service))["RestartCount"] >
                before)
    # What the operator would do where the import was cut: the same again changes nothing that is known.
    world.call("import", "--relative", "--account", "fb", given=lines(first, n), person="ops")
    world.healthy()
    once(checks, f"{service} killed", heard(world, first + n - 1), first + n - 1)


def backed_up(checks, world):
    folder = "/var/lib/uppsikt/backups/one"
    world.call("backup", folder)
    said = world.call("verify", folder, ok=False)
    checks.that("r44 a backup is taken while all goes on, and is whole", "exit code: 0" in said, said)
    said = world.call("doctor", ok=False)
    checks.that("r44 the doctor finds nothing", "all is well" in said, said)


def stopped(checks, world):
    at = time.monotonic()
    world.compose("stop", "-t", GRACE)
    took = time.monotonic() - at
    codes = {service: world.inspect(world.container(service))["State"]["ExitCode"] for service in ALL}
    checks.that("r44 SIGTERM ends each with 0", not any(codes.values()), codes)
    checks.that("r44 and each well within its time", took < GRACE, f"{took:.1f} s for all")
    print(f"FIGURE nine containers: stopped within {took:.1f} s, one after the other")


def upgraded(checks, world):
    heads = {name: state["head"] for name, state in world.states().items()}
    old = {service: world.inspect(world.container(service))["Image"] for service in SUITE}
    stopped(checks, world)
    world.compose("down", "-t", GRACE)
    world.build("next", "--version", "0.1.0+next")
    world.tag = "next"
    at = time.monotonic()
    world.up()
    world.healthy()
    print(f"FIGURE nine containers: recreated and healthy within {time.monotonic() - at:.1f} s")
    new = {service: world.inspect(world.container(service))["Image"] for service in SUITE}
    checks.that("r44 after an upgrade each runs the new image", all(new[s] != old[s] for s in SUITE))
    after = {name: state["head"] for name, state in world.states().items()}
    checks.that("r44 and every log goes on where it was", all(after.get(n, 0) >= head for n, head in heads.items()), (heads, after))
    said = world.call("verify", ok=False)
    checks.that("r44 and every link of every log holds", "exit code: 0" in said, said)


def restored(checks, world):
    """Everything as the backup has it, while nothing runs: what came after it is cut off, and said."""
    said = world.call("restore", "/var/lib/uppsikt/backups/one", "--yes", ok=False)
    checks.that("r44 a backup is put in place in the stopped containers' volumes", "exit code: 0" in said and "cut off" in said, said)
    world.compose("start", *ALL)
    world.healthy()
    now = Heard(world)
    left = {e["data"]["item"] for e in now.of("CommentReceived")}
    checks.that("r44 what the backup has is there, what came after it is not", len(left) == 41, len(left))
    said = world.call("verify", ok=False)
    checks.that("r44 and every log is whole again, with its new epoch", "exit code: 0" in said, said)


def story(checks, world):
    images(checks, world)
    at = time.monotonic()
    world.up()
    world.healthy()
    print(f"FIGURE nine containers: made and healthy within {time.monotonic() - at:.1f} s")
    hardened(checks, world)
    organisation(world)
    the_job(checks, world)
    one_dies(checks, world, "classify", 2, 20)
    one_dies(checks, world, "ingest", 22, 20)
    backed_up(checks, world)
    upgraded(checks, world)
    world.call("import", "--relative", "--account", "fb", given=lines(42, 1), person="ops")
    once(checks, "after the upgrade", heard(world, 42), 42)
    stopped(checks, world)
    restored(checks, world)


def main():
    why = lacks()
    if why:
        print(f"SKIP compose {why}")
        return 77
    checks = Checks()
    try:
        with Containers(sys.argv[1]) as world:
            story(checks, world)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
