"""Mail stays in the try-out: a backend that keeps every message for the mailbox page."""

from django.core.mail.backends.base import BaseEmailBackend

from academy.lib import clock


class MailboxBackend(BaseEmailBackend):
    """Keeps messages as letters, one for each recipient."""

    def send_messages(self, email_messages) -> int:
        from academy.tryout.models import Letter  # the backend is named in settings, before models can load

        at = clock.now()
        letters = [
            Letter(
                to=address,
                sender=message.from_email,
                subject=message.subject,
                text=message.body,
                message_id=message.extra_headers.get("Message-ID", ""),
                received_at=at,
            )
            for message in email_messages
            for address in message.recipients()
        ]
        Letter.objects.bulk_create(letters)
        return len(email_messages)
