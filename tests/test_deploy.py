"""Several processes behind nginx, as `make serve` starts them: the address is all the state there is."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import outputs, shows_the_truth

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def served():
    """The address that nginx answers at, and the process that started everything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "deploy/serve.py", "--processes", "2", "--port", str(port), "--name", "127.0.0.1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        assert process.stdout is not None and process.stdout.readline().startswith(address)
        wait_for_health(address)
        yield address, process
    finally:
        process.terminate()
        process.wait(60)


def children(process):
    """The numbers of the app's processes: what was started and is not nginx."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(pid) for pid, parent, what in rows if int(parent) == process.pid and "roialign_lab run" in what]


def wait_for_health(address):
    for _ in range(900):
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
                assert answer.read() == b"ok"
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nginx did not answer within 90 s")


def opened(chromium: Browser, url: str) -> tuple[Page, list[str]]:
    page, wrong = chromium.new_context(viewport={"width": 1280, "height": 720}).new_page(), []
    page.on(
        "console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(url)
    page.get_by_test_id("map-0-0").first.wait_for()
    return page, wrong


def test_a_browser_is_told_what_it_may_do_and_stays_with_one_process(served):
    address, _ = served
    with urllib.request.urlopen(address) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "object-src 'none'" in policy and "http" not in policy
    assert headers["Server"] == "nginx", "no version"
    assert re.search(r"roi_node=\w{32}; Path=/; HttpOnly; SameSite=Lax", " ".join(headers.get_all("Set-Cookie")))


def test_an_upload_reaches_the_process_of_its_session(served, chromium, tmp_path):
    page, wrong = opened(chromium, f"{served[0]}/RoI_Pooling?lang=en")
    np.save(tmp_path / "map.npy", np.random.default_rng(0).random((500, 500)))  # 2 MB: more than nginx keeps in memory
    page.get_by_text("Your own data").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "map.npy")
    expect(page).to_have_url(re.compile("map=own"))
    assert not wrong
    page.context.close()


def test_a_process_is_killed_while_browsers_drag_and_they_stand_where_they_were(served, chromium):
    address, process = served
    visits = [opened(chromium, f"{address}/RoI_Align?lang=en&step=join") for _ in range(2)]
    for killed in children(process):
        for page, _ in visits:
            at = page.get_by_test_id("box-move").first.bounding_box()
            page.mouse.move(at["x"] + 60, at["y"] + 60)
            page.mouse.down()
            page.mouse.move(at["x"] + 75, at["y"] + 52, steps=6)
        os.kill(killed, signal.SIGKILL)
        for page, _ in visits:
            at = page.get_by_test_id("box-move").first.bounding_box()
            page.mouse.move(at["x"] + 64, at["y"] + 60, steps=6)
            page.mouse.up()
        for page, _ in visits:
            shows_the_truth(page)
        for _ in range(200):
            if len(children(process)) == 2 and killed not in children(process):
                break
            time.sleep(0.1)
        else:
            raise AssertionError("the process was not started again")
        time.sleep(3)  # until it listens
    for page, wrong in visits:
        before = page.get_by_test_id("box-x1").input_value(), outputs(page)
        page.get_by_role("button", name="Next step", exact=True).click()
        expect(page).to_have_url(re.compile("step="))
        shows_the_truth(page)
        assert (page.get_by_test_id("box-x1").input_value(), outputs(page)) == before
        assert not wrong
        page.context.close()


def test_the_pods_of_the_app_find_the_redis_of_their_rooms():
    """What the files of Kubernetes say to one another; no cluster is needed for it."""
    app, rooms = ((ROOT / f"deploy/kubernetes/{name}.yaml").read_text(encoding="utf-8") for name in ("lab", "rooms"))
    host, port = re.search(r'ROIALIGN_LAB_ROOMS, value: "redis://([\w-]+):(\d+)"', app).groups()
    (service,) = (part for part in rooms.split("\n---\n") if "kind: Service" in part)
    (pod,) = (part for part in rooms.split("\n---\n") if "kind: Deployment" in part)
    (wall,) = (part for part in rooms.split("\n---\n") if "kind: NetworkPolicy" in part)
    assert f"name: {host}\n" in service and f"port: {port}, targetPort: redis" in service
    assert f"{{name: redis, containerPort: {port}}}" in pod and f"labels: {{app: {host}}}" in pod
    assert f"selector: {{app: {host}}}" in service and f"podSelector:\n    matchLabels: {{app: {host}}}" in wall
    (let_in,) = re.findall(r"from: \[\{podSelector: \{matchLabels: \{app: ([\w-]+)\}\}\}\]", wall)
    assert f"labels: {{app: {let_in}}}" in app


def test_the_pods_believe_what_the_ingress_says_of_a_browser_and_nobody_else_speaks_with_them():
    """Else a whole country has one address, and with it the limits of one."""
    written = (ROOT / "deploy/kubernetes/lab.yaml").read_text(encoding="utf-8")
    (pod,) = (part for part in written.split("\n---\n") if "kind: Deployment" in part)
    (wall,) = (part for part in written.split("\n---\n") if "kind: NetworkPolicy" in part)
    (believed,) = re.findall(r'FORWARDED_ALLOW_IPS, value: "(.*)"', pod)
    (let_in,) = re.findall(r"from: \[(.*)\]", wall)
    assert believed == "*" and "policyTypes: [Ingress]" in wall
    assert let_in == "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}"
    (walled,) = re.findall(r"podSelector:\n    (matchLabels: .*)\n", wall)
    assert f"selector:\n    {walled}\n  template:" in pod


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl puts the files of Kubernetes together")
def test_the_files_of_kubernetes_fit_together():
    command = ["kubectl", "kustomize", "deploy/kubernetes"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert made.returncode == 0, made.stderr
    kinds = re.findall(r"^kind: (\w+)$", made.stdout, re.MULTILINE)
    assert sorted(kinds) == sorted([*("Deployment", "NetworkPolicy", "Service") * 2, "Ingress"])


def test_what_cannot_be_served_is_said():
    command = [sys.executable, "deploy/serve.py", "--processes", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr == "1 to 64 processes (got 0)\n"


def test_it_is_served_under_a_base_path():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "deploy/serve.py", "--processes", "1", "--port", str(port), "--name", "127.0.0.1"]
    environment = {**os.environ, "STREAMLIT_SERVER_BASE_URL_PATH": "lab"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}/lab"
    try:
        assert process.stdout is not None and process.stdout.readline().startswith(f"{address} (1 processes")
        wait_for_health(f"http://127.0.0.1:{port}")
        with urllib.request.urlopen(f"{address}/RoI_Align") as answer:
            assert answer.status == 200 and b"BACKEND_BASE_URL" in answer.read()
    finally:
        process.terminate()
        process.wait(60)


def test_everything_ends_with_the_terminal_that_it_was_started_from():
    """Its window is closed: nginx would have kept the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "deploy/serve.py", "--processes", "1", "--port", str(port), "--name", "127.0.0.1"]
    hears = lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)  # noqa: E731 - also where the tests run under nohup
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=hears
    )
    assert process.stdout is not None and process.stdout.readline().startswith(f"http://127.0.0.1:{port}")
    try:
        os.killpg(process.pid, signal.SIGHUP)  # as the kernel says it to all of them
        assert process.wait(60) == 0
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_a_worker_of_nginx_may_open_two_files_for_each_connection(served):
    """Many systems allow 1,024 where nothing is said: 500 WebSockets, and 300 students open 900."""
    _, process = served
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    fronts = {pid for pid, parent, what in rows if int(parent) == process.pid and "nginx: master" in what}
    workers = [pid for pid, parent, _ in rows if parent in fronts]
    limits = [Path(f"/proc/{pid}/limits").read_text(encoding="utf-8") for pid in workers]
    assert {re.search(r"Max open files +(\d+)", limit)[1] for limit in limits} == {str(2 * 4096)}


def test_a_slow_line_gets_the_script_compressed(served):
    address, _ = served
    with urllib.request.urlopen(address) as answer:
        script = re.search(r'static/js/index[^"]+\.js', answer.read().decode())
    assert script is not None
    request = urllib.request.Request(f"{address}/{script[0]}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Encoding"] == "gzip" and "immutable" in answer.headers["Cache-Control"]
        zipped = len(answer.read())
    has_brotli = Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so").exists()
    request.add_header("Accept-Encoding", "gzip, br")
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Encoding"] == ("br" if has_brotli else "gzip")
        assert len(answer.read()) < 0.95 * zipped or not has_brotli
