"""Folders encrypted with a passphrase, in the age format, in bounded memory.

An archive is a tar file of two members. `key.age` is a new key, encrypted with the passphrase; `data.age` is a
compressed tar file of the folder, encrypted with that key. Without goldwire::

    tar -xf FILE && age -d key.age > key && age -d -i key data.age | tar -xz

The passphrase alone could encrypt the content, but only as a whole in memory. See https://age-encryption.org/v1.
"""

from __future__ import annotations

import shutil
import tarfile
import time
from io import BytesIO
from pathlib import Path

from goldwire.errors import ConflictError, DataError
from goldwire.workspace import atomic
from goldwire.workspace.tar_archives import extract_members

__all__ = ["decrypt_folder", "encrypt_folder"]

_KEY, _DATA = "key.age", "data.age"
_TOO_SLOW = "Excessive work"  # as age words it
_ATTEMPTS, _PAUSE = 20, 0.25  # seconds


def encrypt_folder(folder: Path, path: Path, passphrase: str) -> None:
    """Write the encrypted archive of `folder` to `path`, atomically; temporary files are beside `folder`.

    Raises
    ------
    ConflictError
        If there is a file at `path`.
    """
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    key = pyrage.passphrase.encrypt(str(identity).encode(), passphrase)
    plain, data = folder.with_suffix(".tar.gz"), folder.with_suffix(".age")
    with tarfile.open(plain, "w:gz", compresslevel=6) as archive:
        for child in sorted(folder.iterdir()):
            archive.add(child, child.name, filter=_without_owner)
    pyrage.encrypt_file(str(plain), str(data), [identity.to_public()])
    plain.unlink()
    try:
        with atomic.new_file(path, mode=0o600) as new, tarfile.open(new, mode="w") as container:
            member = tarfile.TarInfo(_KEY)
            member.size, member.mode = len(key), 0o600
            container.addfile(member, BytesIO(key))
            container.add(data, _DATA, filter=_without_owner)
    except FileExistsError:
        raise ConflictError("exists already", location=path, hint="name another file") from None
    finally:
        data.unlink()


def decrypt_folder(path: Path, folder: Path, passphrase: str) -> None:
    """Extract the encrypted archive at `path` into the empty `folder`.

    Raises
    ------
    DataError
        If it is not such an archive, if the passphrase is wrong, if the archive is damaged, or if this machine is too
        slow.
    """
    import pyrage

    data, plain = folder.with_suffix(".age"), folder.with_suffix(".tar.gz")
    try:
        with tarfile.open(path, "r:") as container:
            key, content = container.extractfile(_KEY), container.extractfile(_DATA)
            if key is None or content is None:
                raise KeyError(_KEY)
            with data.open("xb") as file:
                shutil.copyfileobj(content, file)
            identity = pyrage.x25519.Identity.from_str(_decrypt_key(key.read(), passphrase))
        pyrage.decrypt_file(str(data), str(plain), [identity])
        with tarfile.open(plain, "r:gz") as archive:
            extract_members(archive, folder)
    except (pyrage.DecryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk, not of the content
        if _TOO_SLOW in str(error):
            hint = "end other programs, then try again"
            raise DataError("this machine is too slow or too busy to decrypt it", location=path, hint=hint) from None
        message = f"the passphrase is wrong, or the file is damaged ({error})"
        raise DataError(message, location=path, hint="use the passphrase of this backup") from None
    except (tarfile.TarError, KeyError, EOFError) as error:
        hint = "name a file that `goldwire backup` wrote"
        raise DataError(f"not a whole backup ({type(error).__name__})", location=path, hint=hint) from None
    finally:
        for temporary in (data, plain):
            temporary.unlink(missing_ok=True)


def _decrypt_key(key: bytes, passphrase: str) -> str:
    """Decrypt the key of an archive, and try again where age refuses a passphrase that would take long.

    It refuses what would take 16 times as long as where it was encrypted, by a measurement of a few milliseconds:
    another process that runs meanwhile was enough, with 15 processes on 2 cores.
    """
    import pyrage

    for attempts_left in range(_ATTEMPTS, 0, -1):
        try:
            return str(pyrage.passphrase.decrypt(key, passphrase).decode())
        except pyrage.DecryptError as error:
            if _TOO_SLOW not in str(error) or attempts_left == 1:
                raise
            time.sleep(_PAUSE)
    raise AssertionError


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
