"""A small mail server that keeps what it accepts, and misbehaves as told."""

import email
import email.policy
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

Reply = Callable[[int, str], str]  # (the how-manieth, the recipient) → an SMTP reply; '' hangs up


def accept(number: int, recipient: str) -> str:
    return "250 accepted"


class Sink(socketserver.ThreadingTCPServer):
    """`on_rcpt` answers recipients, `on_data` answers whole messages; `seconds` pass before each of those."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(self, on_rcpt: Reply = accept, on_data: Reply = accept, seconds: float = 0) -> None:
        self.on_rcpt, self.on_data, self.seconds = on_rcpt, on_data, seconds
        self.mail: list[EmailMessage] = []
        self.asked = self.connections = self.received = 0
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
        sink, recipient = self.server, ""
        with sink.lock:
            sink.connections += 1
        self.say("220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                sink.asked += 1
                answer = sink.on_rcpt(sink.asked, recipient)
            elif verb == b"DATA":
                self.say("354 go on")
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
