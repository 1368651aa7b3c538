#!/usr/bin/env python3
"""Services on several hosts: tcp with CURVE, through a proxy that misbehaves and between network namespaces.

usage: net_test.py BIN [CASE...]   BIN: the folder with uppsikt and the services.
CASE: proxy, namespace; both without. R42, R43, P1, P2: each line PASS or FAIL is one thing that was looked at.
classify listens on tcp; escalation hears it there. Comments come in through ingest, each must be in escalation's store,
once, with what classify said of it, whatever the network did meanwhile.
"""
import os
import pathlib
import random
import select
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from fault_test import Alone, number, organisation, write_lines  # noqa: E402
from place import Checks, Failed, Place, free_port, wait_for  # noqa: E402

LINES = 200


class Proxy:
    """Between two hosts. how: pass, cut (closes all), hold (takes nothing, answers nothing), garble (one byte), slow."""

    def __init__(self, to):
        self.to = to
        self.how = "pass"
        self.garbled = self.cut = 0
        self.pairs = []
        self.random = random.Random(1)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.server.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.to), timeout=5)
            except OSError:
                near.close()
                continue
            pair = (near, far)
            self.pairs.append(pair)
            threading.Thread(target=self.carry, args=pair, daemon=True).start()

    def spoil(self, data):
        if self.how == "garble" and len(data) > 20:
            at = self.random.randrange(len(data))
            self.garbled += 1
            return data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1:]
        return data

    def carry(self, near, far):
        try:
            while self.how != "cut":
                if self.how == "hold":
                    select.select([], [], [], 0.05)
                    continue
                ready, _, _ = select.select([near, far], [], [], 0.05)
                for one in ready:
                    data = one.recv(512 if self.how == "slow" else 65536)
                    if not data:
                        return
                    (far if one is near else near).sendall(self.spoil(data))
                    if self.how == "slow":
                        select.select([], [], [], 0.01)
        except (OSError, ValueError):
            pass
        finally:
            self.cut += 1
            near.close()
            far.close()


class Four:
    """The four services, each by itself, classify behind `address`."""

    def __init__(self, place, listen, address, prefix=()):
        self.place, self.prefix = place, prefix
        self.services = {}
        config = place.data / "config"
        with (config / "classify.yaml").open("a", encoding="utf-8") as out:
            out.write(f"listen: {listen}\n")
        (config / "peers.yaml").write_text(f"classify: {address}\n", encoding="utf-8")
        with (config / "escalation.yaml").open("a", encoding="utf-8") as out:
            out.write(f"peers: {config}/peers.yaml\nmail_url: smtp://127.0.0.1:{free_port()}\n")  # nobody: mails wait
        for name in ("registry", "ingest", "escalation", "classify"):
            self.start(name)

    def start(self, name):
        self.services[name] = Alone(self.place, service=name, prefix=self.prefix if name == "classify" else ())

    def give(self, first):
        self.place.call("import", write_lines(self.place.folder / "some.ndjson", first, first + LINES - 1), "--wait", "20s")

    def known(self):
        return number(self.place, "escalation", "SELECT seq FROM upp_cursor WHERE source = 'classify'")

    def said(self):
        return number(self.place, "classify", "SELECT max(seq) FROM upp_log")

    def caught_up(self, name, seconds=60):
        wait_for(f"escalation has heard all of classify: {name}",
                 lambda: number(self.place, "ingest", "SELECT max(seq) FROM upp_log") ==
                 number(self.place, "classify", "SELECT seq FROM upp_cursor WHERE source = 'ingest'") and
                 self.said() > 0 and self.known() == self.said(), seconds)

    def whole(self, checks, name, want):
        twice = self.place.sql("escalation", "SELECT count(*) - count(DISTINCT item) FROM item")[0][0]
        have = number(self.place, "escalation", "SELECT count(*) FROM item")
        parked = number(self.place, "escalation", "SELECT count(*) FROM upp_parked")
        forked = number(self.place, "escalation", "SELECT count(*) FROM upp_cursor WHERE forked = 1")
        checks.that(f"fault: {name}: every comment once, nothing parked, no fork", have == want and twice == 0 and parked == 0 and
                    forked == 0, f"{have} of {want}, {twice} twice, {parked} parked, {forked} forked")

    def stop(self):
        for one in self.services.values():
            one.stop()


def fresh(bin_folder, listen, address, prefix=()):
    place = Place(bin_folder)
    place.__enter__()
    place.up()
    organisation(place, 2)
    place.down()
    return place, Four(place, listen, address, prefix)


def proxied(bin_folder, checks):
    port = free_port()
    proxy = Proxy(port)
    place, four = fresh(bin_folder, f"tcp://127.0.0.1:{port}", f"tcp://127.0.0.1:{proxy.port}")
    try:
        first = 4000001
        four.give(first)
        four.caught_up("tcp")
        four.whole(checks, "tcp with CURVE between two services", LINES)
        for n, how in enumerate(("slow", "cut", "hold", "garble"), 1):
            before, garbled = four.known(), proxy.garbled
            proxy.how = how
            four.give(first + n * LINES)
            if how == "garble":
                wait_for("something was garbled", lambda g=garbled: proxy.garbled > g)
            if how in ("cut", "hold"):
                wait_for("classify goes on", lambda b=before: four.said() > b + LINES // 4)
                checks.that(f"fault: {how}: the others go on, and nothing comes through", four.known() < four.said(),
                            f"{four.known()} {four.said()}")
            if how == "slow":
                four.caught_up(how)
            proxy.how = "pass"
            four.caught_up(how)
            four.whole(checks, f"a network that does {how}", LINES * (n + 1))
        four.stop()
    finally:
        place.__exit__(*sys.exc_info())


SKIPPED = 77


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Namespace:
    """A network of its own, joined to ours by a pair of virtual cables; named after us, taken away at the end."""

    def __init__(self):
        self.name, self.near, self.far = f"upp-{os.getpid()}", f"uppa{os.getpid() % 10000}", f"uppb{os.getpid() % 10000}"
        net = random.Random(os.getpid()).randrange(1, 250)
        self.here, self.there = f"10.213.{net}.1", f"10.213.{net}.2"

    def __enter__(self):
        ip("netns", "add", self.name)
        ip("link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns", self.name)
        ip("addr", "add", f"{self.here}/30", "dev", self.near)
        ip("link", "set", self.near, "up")
        ip("-n", self.name, "addr", "add", f"{self.there}/30", "dev", self.far)
        ip("-n", self.name, "link", "set", self.far, "up")
        ip("-n", self.name, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "link", "del", self.near], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)

    def rules(self, *rules):
        """What the network in there drops from now on; none: nothing."""
        text = "\n".join(("flush ruleset", "table ip upp {", "chain entry {", "type filter hook input priority 0", *rules, "}", "}", ""))
        subprocess.run(["ip", "netns", "exec", self.name, "nft", "-f", "-"], input=text, text=True, check=True, capture_output=True)


def namespaced(bin_folder, checks):
    try:
        net = Namespace().__enter__()
    except (OSError, subprocess.CalledProcessError) as e:
        print(f"SKIP net_namespace: no network namespaces here: {e}")
        return False
    port = 5600 + os.getpid() % 1000
    place = None
    try:
        place, four = fresh(bin_folder, f"tcp://{net.there}:{port}", f"tcp://{net.there}:{port}",
                            ("ip", "netns", "exec", net.name))
        first = 5000001
        four.give(first)
        four.caught_up("another host")
        four.whole(checks, "two hosts", LINES)
        for n, (name, rules) in enumerate((("a partition", ("drop",)),
                                           ("30 % loss", ("meta l4proto tcp numgen random mod 100 < 30 drop",))), 1):
            net.rules(*rules)
            four.give(first + n * LINES)
            if n == 1:
                wait_for("classify has judged all", lambda n=n: number(
                    place, "classify", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.CommentClassified'") >= LINES * (n + 1))
                checks.that("fault: a partition: nothing comes through", four.known() < four.said(), f"{four.known()} {four.said()}")
            else:
                four.caught_up(name, 120)
            net.rules("accept")
            four.caught_up(f"healed after {name}", 90)
            four.whole(checks, f"{name} between two hosts", LINES * (n + 1))
        four.stop()
    finally:
        if place:
            place.__exit__(*sys.exc_info())
        net.__exit__()
    return True


def main():
    checks = Checks()
    tried = True
    for name in sys.argv[2:] or ["proxy", "namespace"]:
        try:
            tried = {"proxy": proxied, "namespace": namespaced}[name](sys.argv[1], checks) is not False and tried
        except Failed as e:
            checks.that(f"the case {name} goes to its end: {e}", False)
    return checks.end() if tried or checks.bad else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
