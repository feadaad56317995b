"""Bring the uv that uv.lock names, with nothing but Python's standard library: `python3 bring_uv.py TARGET`.

The wheel's address and SHA-256 come from uv.lock, so that what runs is what was locked. Where the address cannot be
reached (a mirror that only pip knows), pip brings the same version. TARGET is the file the program is written to.
"""

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)


def main(target: Path) -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"goldwire needs Python 3.11 to 3.13, and {sys.executable} is {platform.python_version()}: "
            "name another one with `make PYTHON=python3.13 ...`"
        )
    import tomllib

    packages = tomllib.loads((Path(__file__).parents[1] / "uv.lock").read_text(encoding="utf-8"))["package"]
    package = next(package for package in packages if package["name"] == "uv")
    try:
        program = from_wheel(package)
    except (OSError, LookupError) as error:
        print(f"uv's wheel is out of reach ({error}); asking pip", file=sys.stderr)
        program = from_pip(package["version"])
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(program)
    temporary.chmod(0o755)
    temporary.replace(target)


def from_wheel(package: dict) -> bytes:
    wheel = next((wheel for wheel in package["wheels"] if fits(wheel["url"])), None)
    if wheel is None:
        raise LookupError(f"no wheel of uv {package['version']} for {platform.system()} {platform.machine()}")
    with urllib.request.urlopen(wheel["url"], timeout=60) as answer:
        data = answer.read()
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    if digest != wheel["hash"]:
        sys.exit(f"{wheel['url']}: digest {digest}, uv.lock has {wheel['hash']}; try again, and tell the maintainers")
    return program_in(data)


def fits(url: str) -> bool:
    """Say whether a wheel's file name is for this machine."""
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    name = url.rsplit("/", 1)[1]
    if platform.system() == "Darwin":
        return "macosx" in name and machine.replace("aarch64", "arm64") in name
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return libc in name and machine in name


def program_in(wheel: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("/scripts/uv")))


def from_pip(version: str) -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="uv-"))
    try:
        for pip in ([sys.executable, "-m", "pip"], [shutil.which("pip3") or "pip3"]):
            command = [*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", str(folder)]
            try:
                done = subprocess.run([*command, f"uv=={version}"], env=os.environ | {"PIP_NO_INPUT": "1"}, check=False)
            except OSError:
                continue
            for wheel in folder.glob("uv-*.whl"):
                return program_in(wheel.read_bytes())
            if done.returncode == 0:
                break
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit("uv cannot be reached: check the network, or install uv by hand and run `make UV=/where/uv/is ...`")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
