"""What WHO adds to the tick: ending what nobody answered, and telling who is to answer; sending, after every app has
queued; imports, which can take half a minute; forgetting.
"""

from academy.lib import registry
from partners import outbox
from partners.actions import sign_ins, sign_ups
from partners.importers import loads

registry.due(order=85, what="End requests to be added that nobody has answered", catches_up=True)(sign_ups.expire)
registry.due(order=86, what="Tell coordinators who asks to be added")(sign_ups.tell)
registry.due(order=90, what="Send messages")(outbox.send_due)
registry.due(order=95, what="Read, check and take in files of people")(loads.do_waiting)
registry.due(order=96, what="Give up imports with which nobody went on")(loads.give_up_idle)
registry.due(order=97, what="Forget sign-ins that have ended")(sign_ins.forget_ended)
