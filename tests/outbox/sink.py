"""A small mail server that keeps what it accepts, and misbehaves as told."""

import email
import email.policy
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

Reply = Callable[[int, str], str]  # (the how-manieth, the recipient) → an SMTP reply; '' hangs up


def accept(number: int, recipient: str) -> str:
    return "250 accepted"


def greet(number: int, recipient: str) -> str:
    return "220 sink"


def go_on(number: int, recipient: str) -> str:
    return "354 go on"


class Sink(socketserver.ThreadingTCPServer):
    """What answers whom: `on_greeting` callers, `on_rcpt` recipients, `on_letter` those about to hand a message over,
    `on_data` whole messages, after so many `seconds`."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        on_rcpt: Reply = accept,
        on_data: Reply = accept,
        on_letter: Reply = go_on,
        on_greeting: Reply = greet,
        seconds: float = 0,
    ) -> None:
        self.on_greeting, self.on_rcpt, self.on_letter, self.on_data = on_greeting, on_rcpt, on_letter, on_data
        self.seconds = seconds
        self.mail: list[EmailMessage] = []
        self.asked = self.connections = self.received = 0
        self.talking = self.most_at_once = 0  # senders that are connected, and how many there were at most
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Talk)

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def ids(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(mail["Message-ID"] for mail in self.mail)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mail if mail["To"] == address]


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink = self.server
        with sink.lock:
            sink.connections += 1
            sink.talking += 1
            sink.most_at_once = max(sink.most_at_once, sink.talking)
            greeting = sink.on_greeting(sink.connections, "")
        with suppress(OSError):  # the sender was killed
            if greeting:
                self.say(greeting)
                self.talk()
        with sink.lock:
            sink.talking -= 1

    def talk(self) -> None:
        sink, recipient = self.server, ""
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                sink.asked += 1
                answer = sink.on_rcpt(sink.asked, recipient)
            elif verb == b"DATA":
                answer = sink.on_letter(sink.received + 1, recipient)
                if answer.startswith("354"):
                    self.say(answer)
                    answer = self.keep(recipient)
            else:
                answer = "221 bye" if verb == b"QUIT" else "250 ok"
            if not answer:
                return
            self.say(answer)
            if verb == b"QUIT":
                return

    def keep(self, recipient: str) -> str:
        sink, lines = self.server, []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        time.sleep(sink.seconds)
        with sink.lock:
            sink.received += 1
            answer = sink.on_data(sink.received, recipient)
            if answer.startswith("250") or not answer:  # hanging up after taking it is the cruellest answer
                sink.mail.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
        return answer

    def say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


@contextmanager
def listening(**how) -> Iterator[Sink]:
    """A sink on a port of its own, until the block ends."""
    with Sink(**how) as sink:
        threading.Thread(target=sink.serve_forever, args=(0.02,), daemon=True).start()
        yield sink
        sink.shutdown()
