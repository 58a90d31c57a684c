"""The story of a room as python3-matrix-nio tells it: r0 paths, the token in the query, old schemas of answers.

Takes the server's URL. Prints the name of every step that went well; ends with an error at the first that did not.
"""

import asyncio
import json
import sys

import nio

PASSWORD = "correct horse battery"
SYNC_MS = 1000
SYNCS = 20


def good(response):
    """The response itself; nio answers with an error object when a request failed or its schema was broken."""
    if isinstance(response, nio.ErrorResponse):
        raise AssertionError(f"{type(response).__name__}: {response}")
    return response


def said(body):
    return {"msgtype": "m.text", "body": body}


class Person:
    """A user at nio, with the events that its syncs brought."""

    def __init__(self, url, name):
        self.name = name
        self.client = nio.AsyncClient(url, name)
        self.events = []
        self.client.add_event_callback(lambda room, event: self.events.append((room.room_id, event)), nio.Event)

    async def register(self):
        good(await self.client.register(self.name, PASSWORD, "nio"))
        good(await self.client.sync())

    async def until(self, what, look):
        """Syncs until a look finds something."""
        for _ in range(SYNCS):
            found = look()
            if found:
                return found
            good(await self.client.sync(timeout=SYNC_MS))
        raise AssertionError(f"{self.name} never saw {what}")

    async def event(self, event_id):
        seen = lambda: [event for _, event in self.events if event.event_id == event_id]
        return (await self.until(event_id, seen))[0]

    async def send(self, room_id, kind, content):
        return good(await self.client.room_send(room_id, kind, content)).event_id

    async def ask(self, method, path, body=None):
        """A request that nio has no method for, with the token where nio puts it."""
        path = f"/_matrix/client/r0{path}?access_token={self.client.access_token}"
        headers = {"Content-Type": "application/json"}
        answer = await self.client.send(method, path, json.dumps(body) if body is not None else None, headers)
        assert answer.status == 200, f"{method} {path.split('?')[0]}: {answer.status} {await answer.text()}"
        return await answer.json()


class Story:
    def __init__(self, url):
        self.alice = Person(url, "alice")
        self.bob = Person(url, "bob")

    async def registers(self):
        await self.alice.register()
        await self.bob.register()

    async def logs_in(self):
        again = nio.AsyncClient(self.bob.client.homeserver, self.bob.client.user_id)
        good(await again.login(PASSWORD, "second"))
        assert good(await again.whoami()).user_id == self.bob.client.user_id
        devices = {device.id: device for device in good(await again.devices()).devices}
        assert set(devices) == {self.bob.client.device_id, again.device_id}
        assert all(device.last_seen_ip == "127.0.0.1" for device in devices.values())
        good(await again.logout())
        await again.close()

    async def creates_a_room_and_invites(self):
        bob = self.bob.client
        created = await self.alice.client.room_create(name="Cellar", invite=[bob.user_id])
        self.room = good(created).room_id
        await self.bob.until("the invite", lambda: self.room in bob.invited_rooms)
        assert bob.invited_rooms[self.room].display_name == "Cellar"
        good(await bob.join(self.room))
        await self.bob.until("the room", lambda: self.room in bob.rooms)
        assert {member.user_id for member in good(await bob.joined_members(self.room)).members} == {
            self.alice.client.user_id,
            bob.user_id,
        }

    async def creates_a_space(self):
        space = good(await self.alice.client.room_create(name="Underground", space=True)).room_id
        child = {"via": ["here.test"]}
        good(await self.alice.client.room_put_state(space, "m.space.child", child, self.room))
        creation = good(await self.alice.client.room_get_state_event(space, "m.room.create"))
        assert creation.content["type"] == "m.space"
        await self.alice.until("the space", lambda: space in self.alice.client.rooms)
        state = good(await self.alice.client.room_get_state(space)).events
        assert [event["state_key"] for event in state if event["type"] == "m.space.child"] == [self.room]

    async def talks(self):
        self.hello = await self.alice.send(self.room, "m.room.message", said("Hello from the barrels"))
        event = await self.bob.event(self.hello)
        assert event.body == "Hello from the barrels"
        fetched = good(await self.bob.client.room_get_event(self.room, self.hello))
        assert fetched.event.body == event.body

    async def edits(self):
        edit = {
            **said("* Hello from the bottles"),
            "m.new_content": said("Hello from the bottles"),
            "m.relates_to": {"rel_type": "m.replace", "event_id": self.hello},
        }
        event = await self.bob.event(await self.alice.send(self.room, "m.room.message", edit))
        assert event.source["content"]["m.new_content"]["body"] == "Hello from the bottles"

    async def reacts(self):
        reaction = {"m.relates_to": {"rel_type": "m.annotation", "event_id": self.hello, "key": "👍"}}
        event = await self.alice.event(await self.bob.send(self.room, "m.reaction", reaction))
        assert event.source["content"] == reaction

    async def replies_in_a_thread(self):
        relation = {"rel_type": "m.thread", "event_id": self.hello}
        reply = await self.bob.send(self.room, "m.room.message", {**said("In the thread"), "m.relates_to": relation})
        await self.alice.event(reply)
        root = good(await self.alice.client.room_get_event(self.room, self.hello)).event
        assert root.source["unsigned"]["m.relations"]["m.thread"]["count"] == 1

    async def searches(self):
        wanted = {"search_categories": {"room_events": {"search_term": "bottles"}}}
        for _ in range(SYNCS):
            found = (await self.bob.ask("POST", "/search", wanted))["search_categories"]["room_events"]
            if found["count"] > 0:
                break
            await asyncio.sleep(SYNC_MS / 1000)
        assert [result["result"]["event_id"] for result in found["results"]] == [self.hello]

    async def reads(self):
        good(await self.bob.client.room_read_markers(self.room, self.hello, self.hello))
        read = lambda: self.alice.client.rooms[self.room].read_receipts.get(self.bob.client.user_id)
        assert (await self.alice.until("the receipt", read)).event_id == self.hello
        good(await self.alice.client.update_receipt_marker(self.room, self.hello))

    async def types(self):
        good(await self.bob.client.room_typing(self.room, True))
        typing = lambda: self.bob.client.user_id in self.alice.client.rooms[self.room].typing_users
        await self.alice.until("typing", typing)
        good(await self.bob.client.room_typing(self.room, False))

    async def tells_presence(self):
        good(await self.bob.client.set_presence("unavailable", "Down below"))
        assert good(await self.alice.client.get_presence(self.bob.client.user_id)).status_msg == "Down below"

    async def changes_its_profile(self):
        good(await self.bob.client.set_displayname("Bob of the cellar"))
        assert good(await self.alice.client.get_displayname(self.bob.client.user_id)).displayname == "Bob of the cellar"
        name = lambda: self.alice.client.rooms[self.room].user_name(self.bob.client.user_id) == "Bob of the cellar"
        await self.alice.until("the new name", name)

    async def pages_back(self):
        good(await self.bob.client.sync())
        start = self.bob.client.next_batch
        bodies = []
        while start:
            page = good(await self.bob.client.room_messages(self.room, start, limit=5))
            bodies += [event.body for event in page.chunk if isinstance(event, nio.RoomMessageText)]
            start = page.end if page.chunk else None
        assert bodies == ["In the thread", "* Hello from the bottles", "Hello from the barrels"], bodies

    async def redacts(self):
        slip = await self.bob.send(self.room, "m.room.message", said("A slip of the tongue"))
        good(await self.bob.client.room_redact(self.room, slip, "slip"))
        redactions = lambda: [e for _, e in self.alice.events if isinstance(e, nio.RedactionEvent) and e.redacts == slip]
        await self.alice.until("the redaction", redactions)
        redacted = good(await self.alice.client.room_get_event(self.room, slip)).event
        assert isinstance(redacted, nio.RedactedEvent)

    async def filters(self):
        answer = good(await self.bob.client.upload_filter(room={"timeline": {"limit": 1}}))
        response = good(await self.bob.client.sync(sync_filter=answer.filter_id, full_state=True))
        assert len(response.rooms.join) <= 1

    async def leaves(self):
        good(await self.bob.client.room_leave(self.room))
        good(await self.bob.client.room_forget(self.room))
        assert good(await self.bob.client.joined_rooms()).rooms == []
        others = lambda: set(self.alice.client.rooms[self.room].users) == {self.alice.client.user_id}
        await self.alice.until("the leave", others)


async def main(url):
    story = Story(url)
    try:
        for name, step in vars(Story).items():
            if not name.startswith("_"):
                await step(story)
                print(name, flush=True)
    finally:
        await story.alice.client.close()
        await story.bob.client.close()


asyncio.run(main(sys.argv[1]))
