"""Kill the reference server under a write load, again and again, and look for what was lost.

    python benchmarks/durability.py [--rounds 200] [--seed 1] [--folder .]

Each round lets several connections create, change and delete resources of both families, ends the
server with SIGKILL at a random moment, starts it again with the same state file and compares what
it shows with what it had acknowledged:

- what was acknowledged is there, with its last acknowledged members;
- what was deleted stays away, and what nobody created does not appear;
- every resource reaches its steady state, or is gone, within its time;
- no change of several documents is there by half.

A request that was never answered may have been carried out or not. Only the moment of the kill and
the choice of requests follow from the seed. Exits with 1 when a round finds anything wrong.

This shows that no write waits in the process. That a write outlives a power cut as well is up to
the store, which waits for the disk at each commit.
"""

import argparse
import base64
import json
import os
import random
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pgassay.reference import SEED

Members = dict[str, Any]
Process = subprocess.Popen[bytes]

KEY_ID, KEY_SECRET, TOKEN = (secrets.token_hex(16) for _ in range(3))
ENVIRON = {
    "PGASSAY_REFERENCE_KEY_ID": KEY_ID,
    "PGASSAY_REFERENCE_KEY_SECRET": KEY_SECRET,
    "PGASSAY_REFERENCE_TOKEN": TOKEN,
}
BASIC = "Basic " + base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
BEARER = f"Bearer {TOKEN}"

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
INSTANCES = "/v1/postgres/instances"
VERSIONS = "/v1/types/postgres/versions"
SIZES = ("r8gd.large", "r8gd.xlarge", "r6gd.large")

WRITERS = 3
#: So many resources of its own a writer may have before it creates no more.
MOST = 30
#: Lifecycles then last about as long as a restart takes, so that many go on across it.
TIME_SCALE = 0.003
#: The longest lifecycle takes 300 documented seconds; asking takes time too.
PATIENCE = 5.0


@dataclass(eq=False, slots=True)
class Thing:
    """A resource as its writer knows it.

    members: what was acknowledged last; unsure: members of a request that nobody answered; id: None
    while the creation is such a request; deleted: it was acknowledged; deleting: it was asked for.
    """

    collection: str
    members: Members
    id: str | None = None
    unsure: Members = field(default_factory=dict)
    deleted: bool = False
    deleting: bool = False

    @property
    def path(self) -> str:
        """Where it is, once it has an id."""
        return f"{self.collection}/{self.id}"

    def may_be(self, path: str, shown: Mapping[str, Any]) -> bool:
        """Tell whether it is the resource at a path, for a creation that nobody answered."""
        place = path.rpartition("/")[0]
        return (self.id, self.collection, self.members["name"]) == (None, place, shown["name"])

    def agrees(self, shown: Mapping[str, Any]) -> bool:
        """Tell whether a representation is one of the two that may be."""
        return any(
            all(shown[name] == value for name, value in expected.items())
            for expected in (self.members, self.members | self.unsure)
        )


class Door:
    """One connection; answers are status and JSON value. OSError or HTTPException without one."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def ask(self, method: str, path: str, body: Members | None = None) -> tuple[int, Any]:
        """Send one request and read its answer."""
        sender = BASIC if path.startswith("/v1/organizations") else BEARER
        headers = {"Authorization": sender, "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def read(self, path: str) -> Any:
        """Return the value at a path; SystemExit when the answer is no success."""
        status, value = self.ask("GET", path)
        if status != 200:
            raise SystemExit(f"GET {path} was answered with {status}: {value}")
        return value["result"] if path.startswith("/v1/organizations") else value

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Writer(threading.Thread):
    """Writes over one connection until the server is gone; keeps what it asked for."""

    version = ""

    def __init__(self, url: str, seed: str, things: list[Thing], tally: Counter[str]) -> None:
        super().__init__(daemon=True)
        self.door = Door(url)
        self.chance = random.Random(seed)  # noqa: S311 - it repeats a choice, it hides nothing
        self.things = things
        self.tally = tally

    def run(self) -> None:
        """Write until no answer comes."""
        try:
            while True:
                self.step()
        except (OSError, HTTPException):
            self.door.close()

    def step(self) -> None:
        """Do one thing at random."""
        raise NotImplementedError

    def any(self, collection: str) -> Thing | None:
        """Return one of the writer's own resources, or None."""
        usable = self.usable(collection)
        return self.chance.choice(usable) if usable else None

    def usable(self, collection: str) -> list[Thing]:
        """Return those of the writer's own resources that are there for certain."""
        return [
            one
            for one in self.things
            if one.id and not one.deleted and one.collection == collection
        ]

    def create(self, collection: str, body: Members, members: Members, path: str = "") -> None:
        """Ask for a new resource, at another path than its collection's if one is given."""
        thing = Thing(collection, members)
        self.things.append(thing)
        status, value = self.door.ask("POST", path or collection, body)
        if status in (200, 201):
            thing.id = str(value["result"]["id"] if status == 200 else value["uuid"])
            self.tally["created"] += 1
        else:
            self.things.remove(thing)
            self.refused(status, value)

    def change(self, thing: Thing, method: str, body: Members, members: Members) -> None:
        """Ask for other members."""
        thing.unsure = members
        status, value = self.door.ask(method, thing.path, body)
        if status == 200:
            thing.members = thing.members | members
            self.tally["changed"] += 1
        else:
            self.refused(status, value)
        thing.unsure = {}

    def delete(self, thing: Thing) -> None:
        """Ask for the end of a resource, which takes those in it along."""
        thing.deleting = True
        status, value = self.door.ask("DELETE", thing.path)
        thing.deleting = False
        if status in (200, 204):
            for one in self.things:
                one.deleted = one.deleted or one is thing or one.collection.startswith(thing.path)
            self.tally["deleted"] += 1
        else:
            self.refused(status, value)

    def refused(self, status: int, value: Any) -> None:
        """Count a refusal; SystemExit when it says that the load is wrong."""
        if status not in (400, 409):
            raise SystemExit(f"the load was answered with {status}: {value}")
        self.tally["refused"] += 1

    def unique(self) -> str:
        """Return a name that no other resource has."""
        return f"n{self.chance.getrandbits(60):x}"


class ServiceWriter(Writer):
    """Writes Postgres services of the clickhouse family."""

    def step(self) -> None:
        """Create, rename, tag, resize, restart, replicate or delete a service."""
        thing, draw = self.any(SERVICES), self.chance.random()
        crowded = len(self.usable(SERVICES)) > MOST
        if thing is None or (draw < 0.35 and not crowded):
            members = {"name": self.unique(), "size": self.chance.choice(SIZES)}
            self.create(SERVICES, {**members, "provider": "aws", "region": "eu-west-2"}, members)
        elif draw < 0.5:
            self.delete(thing)
        elif draw < 0.6:
            name = {"name": self.unique()}
            self.create(SERVICES, name, {**name, "isPrimary": False}, f"{thing.path}/readReplica")
        elif draw < 0.65:
            status, value = self.door.ask("PATCH", f"{thing.path}/state", {"command": "restart"})
            if status != 200:
                self.refused(status, value)
        else:
            changes: tuple[Members, ...] = (
                {"name": self.unique()},
                {"tags": [{"key": self.unique(), "value": "kept"}]},
                {"size": self.chance.choice(SIZES)},
            )
            members = self.chance.choice(changes)
            self.change(thing, "PATCH", members, members)


class InstanceWriter(Writer):
    """Writes instances of the dbaas family, with users and databases."""

    def step(self) -> None:
        """Create, replace or delete an instance, or do something inside one."""
        thing, draw = self.any(INSTANCES), self.chance.random()
        crowded = len(self.usable(INSTANCES)) > MOST
        if thing is None or (draw < 0.2 and not crowded):
            name = {"name": self.unique()}
            self.create(INSTANCES, {**name, "version": self.version}, name)
        elif draw < 0.3:
            self.delete(thing)
        elif draw < 0.7:
            self.replace(thing)
        else:
            self.step_inside(thing)

    def replace(self, thing: Thing) -> None:
        """Replace an instance: a new description, now and then another number of cores."""
        members = {"description": self.unique(), "cpu": self.chance.choice((1, 1, 2))}
        sizes = {"ram": 1024, "disk_size": 10, "nodes_number": 1, "sync_replica_number": 0}
        self.change(thing, "PUT", {**thing.members, **sizes, **members}, members)

    def step_inside(self, instance: Thing) -> None:
        """Create or delete a user or a database of an instance."""
        users, databases = f"{instance.path}/users", f"{instance.path}/databases"
        user, draw = self.any(users), self.chance.random()
        leaving = self.any(databases) if draw < 0.2 else user
        if leaving is not None and draw < 0.3:
            self.delete(leaving)
            return
        name = {"name": self.unique()}
        if user is None or draw < 0.7:
            self.create(users, {**name, "password": "correct horse"}, name)
        else:
            owner = (
                f"{VERSIONS.rpartition('/')[0]}/instances/{user.path.removeprefix(INSTANCES)[1:]}"
            )
            self.create(databases, {**name, "owner": owner}, name)


@contextmanager
def serving(state: Path, log: Path) -> Iterator[tuple[Process, str]]:
    """Start a server with a state file; gives its process and its URL, and kills it at last."""
    target = str(state.with_name("target.toml"))
    options = ("--state", str(state), "--port", "0", "--write-target", target)
    with log.open("ab") as errors:
        process = Process(
            (sys.executable, "-m", "pgassay", "serve", *options, "--time-scale", str(TIME_SCALE)),
            env={**os.environ, **ENVIRON},
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        url = process.stdout.readline().decode().strip() if process.stdout else ""
        if not url:
            raise SystemExit(f"the server does not start: {log.read_text(encoding='utf-8')}")
        yield process, url
    finally:
        process.kill()
        process.communicate()


def survey(url: str) -> dict[str, Members]:
    """Return everything that the server shows, by path."""
    found: dict[str, Members] = {}
    with closing(Door(url)) as door:
        found |= {f"{SERVICES}/{one['id']}": one for one in door.read(SERVICES)}
        for instance in door.read(INSTANCES):
            path = f"{INSTANCES}/{instance['uuid']}"
            found[path] = instance
            for collection in (f"{path}/users", f"{path}/databases"):
                found |= {f"{collection}/{one['uuid']}": one for one in door.read(collection)}
    return found


def missed(things: Sequence[Thing], found: Mapping[str, Members]) -> Iterator[str]:
    """Compare what is there with what was acknowledged; say what should not be, and what should.

    Creations that nobody answered get their id, when they happened.
    """
    known = {thing.path: thing for thing in things if thing.id}
    for path in found.keys() - known.keys():
        thing = next((one for one in things if one.may_be(path, found[path])), None)
        if thing is None:
            yield f"appeared from nowhere: {path}"
        else:
            thing.id = path.rpartition("/")[2]
    for path, thing in known.items():
        there = path in found and found[path].get("state") != "deleting"
        owner = known.get(thing.collection.rpartition("/")[0])
        unsure = thing.deleting or (owner and owner.deleting and owner.path not in found)
        if there and thing.deleted:
            yield f"deleted, and is back: {path}"
        elif not there and not thing.deleted and not unsure:
            yield f"lost: {path}"


def resolve(things: list[Thing], found: Mapping[str, Members]) -> None:
    """Take it for true that what was found is there, and the rest is not."""
    things[:] = [thing for thing in things if thing.path in found]
    for thing in things:
        thing.deleted = found[thing.path].get("state") == "deleting"
        thing.deleting = False


def accept(things: list[Thing], found: Mapping[str, Members]) -> None:
    """Take the members that are shown for those that were asked for."""
    things[:] = [thing for thing in things if thing.path in found and not thing.deleted]
    for thing in things:
        thing.members |= {name: found[thing.path][name] for name in thing.unsure}
        thing.unsure = {}


def unfinished(things: Sequence[Thing], found: Mapping[str, Members]) -> list[str]:
    """Name the resources that are not as they will stay."""
    return [
        f"{'should be gone' if thing.deleted else f'should show {thing.members}'}: {thing.path} "
        f"is {found.get(thing.path)}"
        for thing in things
        if (thing.path in found) == thing.deleted
        or (not thing.deleted and not _steady(thing, found[thing.path]))
    ]


def _steady(thing: Thing, shown: Mapping[str, Any]) -> bool:
    state = shown.get("state", shown.get("status"))
    return state in ("running", "ACTIVE") and thing.agrees(shown)


#: Children without their instance, and read replicas that their primary does not know of; it may
#: have forgotten those that are being deleted.
HALVES = """
WITH services AS (SELECT id, kind, CAST(body AS TEXT) AS body FROM documents)
SELECT kind, id FROM documents WHERE kind IN ('dbaas.user', 'dbaas.database')
    AND parent NOT IN (SELECT id FROM documents)
UNION
SELECT replica.kind, replica.id FROM services AS replica JOIN services AS source
    ON source.id = json_extract(replica.body, '$.source')
    WHERE json_extract(replica.body, '$.state') <> 'deleting'
    AND replica.id NOT IN (SELECT value FROM json_each(source.body, '$.replicas'))
"""


def halves(state: Path) -> Iterator[str]:
    """Name documents in the killed server's file that only half of a change wrote."""
    with tempfile.TemporaryDirectory(dir=state.parent) as scratch:
        for file in state.parent.glob(f"{state.name}*"):
            shutil.copy(file, scratch)
        with closing(sqlite3.connect(Path(scratch) / state.name)) as copy:
            left = copy.execute(HALVES).fetchall()
    yield from (f"half of a change: {kind} {id}" for kind, id in left)


class Trial:
    """Rounds over one state file, and what the server is known to have acknowledged."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.state = folder / "state"
        self.log = folder / "log"
        self.seed = seed
        self.tally: Counter[str] = Counter()
        self.shares: list[list[Thing]] = [[] for _ in range(2 * WRITERS)]
        self.shares[0].append(Thing(SERVICES, {"name": "oltp"}, SEED.service))

    @property
    def things(self) -> list[Thing]:
        """Everything that any writer knows of."""
        return [thing for share in self.shares for thing in share]

    def run(self, number: int) -> list[str]:
        """Start the server, judge the round before, load and kill; return what was wrong."""
        with serving(self.state, self.log) as (process, url):
            wrong = self.judge(url)
            chance = random.Random(f"{self.seed}/{number}")  # noqa: S311 - it must repeat itself
            writers = [*self.writers(url, number)]
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.05, 0.8))
            process.kill()
            for writer in writers:
                writer.join()
        return [*wrong, *halves(self.state), *self.log.read_text(encoding="utf-8").splitlines()]

    def writers(self, url: str, number: int) -> Iterator[Writer]:
        """Make the writers of a round; each goes on with the resources that it had."""
        with closing(Door(url)) as door:
            versions = door.read(VERSIONS)["versions"]
        for index, share in enumerate(self.shares):
            work = ServiceWriter if index < WRITERS else InstanceWriter
            writer = work(url, f"{self.seed}/{number}/{index}", share, self.tally)
            writer.version = versions[0]["uuid"]
            yield writer

    def judge(self, url: str) -> list[str]:
        """Say what the server lost, or brought back, or never finishes."""
        found = survey(url)
        wrong = list(missed(self.things, found))
        for share in self.shares:
            resolve(share, found)
        # What is under way hides what was asked for: a size shows when it is there.
        time.sleep(300 * TIME_SCALE)
        deadline = time.monotonic() + PATIENCE
        while open_ends := unfinished(self.things, found := survey(url)):
            if time.monotonic() > deadline:
                wrong += open_ends
                break
        for share in self.shares:
            accept(share, found)
        return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds and print what they found; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(), help="where the state file goes")
    options = parser.parse_args(arguments)
    wrong = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        trial = Trial(Path(folder), options.seed)
        for number in range(1, options.rounds + 1):
            for finding in trial.run(number):
                print(f"round {number}: {finding}", flush=True)
                wrong += 1
        with serving(trial.state, trial.log) as (_, url):
            wrong += len([print(f"at last: {finding}") for finding in trial.judge(url)])
    done = ", ".join(f"{count} {what}" for what, count in sorted(trial.tally.items()))
    print(f"{options.rounds} kills; {done}; {len(trial.things)} resources left; {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
