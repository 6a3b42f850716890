"""Who may do what: every address of the site, by every method, as everyone, with what is theirs and what is not.

The table is the promise; a page that is not in it fails the suite, and so does a row whose page is gone.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from http.cookies import SimpleCookie

import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from academy import urls
from academy.lib import clock
from courses.models import Attendance
from partners.permissions import AccessRole
from tests.factories import NOW, TODAY
from tests.test_architecture import every_pattern
from tests.who_may_world import ACTING, OUT, RELATIONS, WHO, World, build, taken_back, written

# A cell is one answer for a page about nothing in particular; else three, for what is one's own, for what is of the
# same agency or duty (a colleague, whom the manager manages, the trainer trains, the others assess or mentor), and for
# another agency's.  'of' names what stands in the address, '=csv' stands there itself.
#
#   2 200   > 302, elsewhere   i 302, to sign in   0 403   4 404   5 405
#
# Methods without a row are answered 405 where the page's first row lets someone in.  GET stands for HEAD and for htmx's
# requests too.  act: an administrator who acts as the learner.
TABLE = """
page                                 of           method   out lea man tra coo pra men led dir adm act
home                                 -            GET      >   2   2   2   2   2   2   2   2   2   2
system                               -            GET      i   0   0   0   0   0   0   0   0   2   0
send_again                           message      POST     iii 000 000 000 000 000 000 000 000 >>> 000

access_roles?access_role=lead        -            GET      i   0   0   0   0   0   0   0   0   2   0
find_person?q=e                      -            GET      i   0   0   0   0   0   0   0   0   2   0
why                                  -            GET      i   0   0   0   0   0   0   0   0   2   0
access_role                          grant        GET      iii 000 000 000 000 000 000 000 000 222 000
give_access_role                     person       GET      iii 000 000 000 000 000 000 000 000 222 000
give_access_role                     person       POST     iii 000 000 000 000 000 000 000 000 2>> 000
end_access_role                      grant        GET      iii 000 000 000 000 000 000 000 000 222 000
end_access_role                      grant        POST     iii 000 000 000 000 000 000 000 000 2>> 000
act_as                               person       GET      iii 000 000 000 000 000 000 000 000 222 000
act_as                               person       POST     iii 000 000 000 000 000 000 000 000 2>> 000
reset_second_factor                  person       GET      iii 000 000 000 000 000 000 000 000 222 000
reset_second_factor                  person       POST     iii 000 000 000 000 000 000 000 000 2>> 000
stop_acting                          -            POST     i   >   >   >   >   >   >   >   >   >   >
events?q=e                           -            GET      i   0   0   0   0   0   0   2   0   2   0

catalogue?q=neglect                  -            GET      i   2   2   2   2   2   2   2   2   2   2
course                               course       GET      iii 222 222 222 222 222 222 222 222 222 222
run                                  run          GET      iii 224 224 224 224 224 224 222 224 224 224
book                                 run          GET      iii >24 >24 >24 >24 >24 >24 >22 >24 >24 >24
book                                 run          POST     iii >24 >24 >24 >24 >24 >24 >22 >24 >24 >24
bookings                             -            GET      i   2   2   2   2   2   2   2   2   2   2
booking                              booking      GET      iii 244 224 224 224 244 244 222 244 244 244
give_up                              booking      GET      iii 244 224 244 224 244 244 222 244 244 244
give_up                              booking      POST     iii >44 >>4 >44 >>4 >44 >44 >>> >44 >44 >44
swap                                 booking      GET      iii 244 224 244 224 244 244 222 244 244 244
swap                                 booking      POST     iii >44 >>4 >44 >>4 >44 >44 >>> >44 >44 >44
hand_over                            booking      GET      iii 244 224 244 224 244 244 222 244 244 000
hand_over                            booking      POST     iii >44 >>4 >44 >>4 >44 >44 >>> >44 >44 000
told                                 booking      GET      iii 244 244 244 244 244 244 244 244 244 244
told                                 booking      POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 >44
answer_offer                         booking      POST     iii >44 >>4 >44 >>4 >44 >44 >>> >44 >44 >44
take_free                            booking      POST     iii >44 >>4 >44 >>4 >44 >44 >>> >44 >44 >44
approvals                            -            GET      i   0   2   0   2   0   0   2   0   0   0
approval                             approval     GET      iii 000 424 000 424 000 000 422 000 000 000
approval                             approval     POST     iii 000 4>4 000 4>4 000 000 4>> 000 000 000
charges                              -            GET      i   0   0   0   2   0   0   2   0   0   0
waive                                charge       GET      iii 000 000 000 000 000 000 222 000 000 000
waive                                charge       POST     iii 000 000 000 000 000 000 >>> 000 000 000
invoice                              -            POST     i   0   0   0   0   0   0   2   0   0   0
policies                             -            GET      i   0   0   0   0   0   0   2   0   0   0
policy                               =school      GET      i   0   0   0   0   0   0   2   0   0   0
policy                               =school      POST     i   0   0   0   0   0   0   >   0   0   0
policy                               =none        GET      i   0   0   0   0   0   0   >   0   0   0
interest                             course       GET      iii 222 222 222 222 222 222 222 222 222 222
interest                             course       POST     iii >>> >>> >>> >>> >>> >>> >>> >>> >>> >>>
end_interest                         course       POST     iii >>> >>> >>> >>> >>> >>> >>> >>> >>> >>>
book_for                             run          GET      iii 000 224 000 224 000 000 222 000 000 000
book_for                             run          POST     iii 000 224 000 224 000 000 222 000 000 000
registers                            -            GET      i   0   0   2   2   0   0   2   0   0   0
register                             run          GET      iii 000 000 424 424 000 000 222 000 000 000
take_register                        run+session  GET      iii 000 000 4>4 4>4 000 000 >>> 000 000 000
take_register                        run+session  POST     iii 000 000 4>4 4>4 000 000 >>> 000 000 000
close_run                            run          GET      iii 000 000 424 424 000 000 22> 000 000 000
close_run                            run          POST     iii 000 000 4>4 4>4 000 000 >>> 000 000 000
sign_in_sheet                        run+session  GET      iii 000 000 424 424 000 000 222 000 000 000
sign_in_code                         run+session  GET      iii 000 000 424 424 000 000 222 000 000 000
delegates                            run+=csv     GET      iii 000 000 424 424 000 000 222 000 000 000
run_notes                            run          GET      iii 000 000 424 424 000 000 222 000 000 000
run_notes                            run          POST     iii 000 000 4>4 4>4 000 000 >>> 000 000 000
walk_in                              run          GET      iii 000 000 424 424 000 000 >2> 000 000 000
walk_in                              run          POST     iii 000 000 4>4 4>4 000 000 >>> 000 000 000
newcomer                             run          GET      iii 000 000 4>4 4>4 000 000 >>> 000 000 000
newcomer                             run          POST     iii 000 000 4>4 4>4 000 000 2>> 000 000 000
run_message                          run          GET      iii 000 000 424 424 000 000 222 000 000 000
run_message                          run          POST     iii 000 000 4>4 4>4 000 000 >>> 000 000 000
correct_register                     run+place    GET      iii 000 000 000 4>4 000 000 >>> 000 000 000
correct_register                     run+place    POST     iii 000 000 000 4>4 000 000 >>> 000 000 000
settle_newcomer                      newcomer     GET      iii 000 000 000 424 000 000 222 000 000 000
settle_newcomer                      newcomer     POST     iii 000 000 000 4>4 000 000 >>> 000 000 000
scan                                 =K7F2QX      GET      4   4   4   4   4   4   4   4   4   4   4
here                                 -            GET      i   2   2   2   2   2   2   2   2   2   2
here                                 -            POST     i   >   >   >   >   >   >   >   >   >   0
check_certificate?number=LCW-0       -            GET      4   4   4   4   4   4   4   4   4   4   4
certificate                          certificate  GET      222 222 222 222 222 222 222 222 222 222 222
certificate_pdf                      certificate  GET      iii 244 224 244 224 244 244 222 244 244 000
record                               -            GET      i   2   2   2   2   2   2   2   2   2   2
record_of                            person       GET      iii 000 224 000 224 000 000 222 000 000 000
add_learning                         -            GET      i   2   2   2   2   2   2   2   2   2   2
add_learning                         -            POST     i   >   >   >   >   >   >   >   >   >   0
learning                             learning     GET      iii 244 224 244 224 244 244 222 244 244 244
change_learning                      learning     GET      iii 244 244 244 244 244 244 244 244 244 244
change_learning                      learning     POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 000
delete_learning                      learning     GET      iii 244 244 244 244 244 244 244 244 244 244
delete_learning                      learning     POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 000
evidence                             learning     GET      iii 244 224 244 224 244 244 222 244 244 000
social_work_record                   -            GET      i   2   2   2   2   2   2   2   2   2   2
transcript                           -            GET      i   2   2   2   2   2   2   2   2   2   2
transcript?first=2026-01-01&last=2026-02-01 -     GET      i   2   2   2   2   2   2   2   2   2   0
transcript_of                        person       GET      iii 000 224 000 224 000 000 222 000 000 000
own_calendar                         -            GET      i   2   2   2   2   2   2   2   2   2   0
own_calendar                         -            POST     i   >   >   >   >   >   >   >   >   >   0
calendar_feed                        feed         GET      222 222 222 222 222 222 222 222 222 222 222
reissue_certificate                  certificate  GET      iii 244 244 244 244 244 244 222 244 244 244
reissue_certificate                  certificate  POST     iii >44 >44 >44 >44 >44 >44 >>> >44 >44 000
revoke_certificate                   certificate  GET      iii 000 000 000 000 000 000 222 000 000 000
revoke_certificate                   certificate  POST     iii 000 000 000 000 000 000 >>> 000 000 000

hostings?kind=coaching               -            GET      i   2   2   2   2   2   2   2   2   2   2
offer_hosting                        -            GET      i   2   2   2   2   2   2   2   2   2   2
offer_hosting                        -            POST     i   >   >   >   >   >   >   >   >   >   >
visits                               -            GET      i   2   2   2   2   2   2   2   2   2   2
hosting                              hosting      GET      iii 242 242 242 222 242 242 222 242 242 242
change_hosting                       hosting      GET      iii 244 244 244 244 244 244 244 244 244 244
change_hosting                       hosting      POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 >44
close_hosting                        hosting      POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 >44
ask_hosting                          hosting      GET      iii 242 242 242 222 242 242 222 242 242 242
ask_hosting                          hosting      POST     iii 24> 24> 24> 22> 24> 24> 22> 24> 24> 24>
visit                                visit        GET      iii 244 224 244 224 244 244 222 244 244 244
answer_visit                         hosted       GET      iii 244 244 244 244 244 244 244 244 244 000
answer_visit                         hosted       POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 000
approve_visit                        visit        GET      iii 444 424 444 424 444 444 422 444 444 000
approve_visit                        visit        POST     iii 444 4>4 444 4>4 444 444 4>> 444 444 000
call_off_visit                       visit        GET      iii 244 244 244 244 244 244 244 244 244 244
call_off_visit                       visit        POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 >44
reflect                              over         GET      iii 244 244 244 244 244 244 244 244 244 000
reflect                              over         POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 000
join_session                         session      GET      iii 244 244 224 224 244 244 222 244 244 244
recording                            run          GET      iii 444 444 424 424 444 444 222 444 444 444
recording                            run          POST     iii 444 444 4>4 4>4 444 444 2>2 444 444 444

catalogue_month?month=2026-12        -            GET    i   2   2   2   2   2   2   2   2   2   2
catalogue_themes                     -            GET    i   2   2   2   2   2   2   2   2   2   2
habits                               -            GET    i   2   2   2   2   2   2   2   2   2   2
habits                               -            POST   i   >   >   >   >   >   >   >   >   >   >
planning?q=e                         -            GET    i   0   0   0   2   0   0   2   0   0   0
planned_courses                      -            GET    i   0   0   0   2   0   0   2   0   0   0
wanted                               -            GET    i   0   0   0   2   0   0   2   0   0   0
copy_runs                            -            GET    i   0   0   0   2   0   0   2   0   0   0
copy_runs                            -            POST   i   0   0   0   >   0   0   >   0   0   0
publish_runs                         -            GET    i   0   0   0   2   0   0   2   0   0   0
publish_runs                         -            POST   i   0   0   0   >   0   0   >   0   0   0
add_course                           -            GET    i   0   0   0   2   0   0   2   0   0   0
add_course                           -            POST   i   0   0   0   >   0   0   >   0   0   0
planned_course                       kept_course  GET    iii 000 000 000 424 000 000 222 000 000 000
change_course                        kept_course  GET    iii 000 000 000 424 000 000 222 000 000 000
change_course                        kept_course  POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
course_questions                     kept_course  GET    iii 000 000 000 424 000 000 222 000 000 000
course_questions                     kept_course  POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
publish_course                       kept_course  POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
copy_course                          kept_course  POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
add_run                              kept_course  GET    iii 000 000 000 424 000 000 222 000 000 000
add_run                              kept_course  POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
planned_run                          run          GET    iii 000 000 000 424 000 000 222 000 000 000
change_run                           run          GET    iii 000 000 000 424 000 000 222 000 000 000
change_run                           run          POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
move_run                             run          GET    iii 000 000 000 424 000 000 222 000 000 000
move_run                             run          POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
publish_run                          run          POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
cancel_run                           run          GET    iii 000 000 000 424 000 000 222 000 000 000
cancel_run                           run          POST   iii 000 000 000 4>4 000 000 >>> 000 000 000
rooms                                -            GET    i   0   0   0   2   0   0   2   0   0   0
add_room                             -            GET    i   0   0   0   0   0   0   2   0   0   0
add_room                             -            POST   i   0   0   0   0   0   0   >   0   0   0
change_room                          room         GET    iii 000 000 000 000 000 000 222 000 000 000
change_room                          room         POST   iii 000 000 000 000 000 000 >>> 000 000 000

training_report                      -            GET      i   0   0   0   2   0   0   2   2   0   0
training_report_people?figure=booked -            GET      i   0   0   0   2   0   0   2   2   0   0
training_people_file?figure=booked   =csv         GET      i   0   0   0   2   0   0   2   2   0   0
training_people_file?figure=booked   =xlsx        GET      i   0   0   0   2   0   0   2   2   0   0
training_people_file?figure=booked   =exe         GET      i   0   0   0   4   0   0   4   4   0   0
training_report_download             =csv         GET      i   0   0   0   2   0   0   2   2   0   0
training_report_download             =xlsx        GET      i   0   0   0   2   0   0   2   2   0   0
training_report_download             =pdf         GET      i   0   0   0   2   0   0   2   2   0   0
training_report_download             =json        GET      i   0   0   0   2   0   0   2   2   0   0
training_report_download             =exe         GET      i   0   0   0   4   0   0   4   4   0   0
demand_report                        -            GET      i   0   0   0   2   0   0   2   2   0   0
waiting                              course       GET      iii 000 000 000 222 000 000 222 222 000 000
trainers_report                      -            GET      i   0   0   0   2   0   0   2   2   0   0
agency_letters                       -            GET      i   0   0   0   2   0   0   2   2   0   0
agency_letter                        agency+=2026 GET      iii 000 000 000 224 000 000 222 222 000 000

cohorts                              -            GET      i   0   0   0   0   2   2   2   2   0   0
cohort                               cohort       GET      iii 000 000 000 000 224 224 222 222 000 000

follow_up                            token        GET      222 222 222 222 222 222 222 222 222 222 000
follow_up                            token        POST     >>> >>> >>> >>> >>> >>> >>> >>> >>> >>> 000
retention                            -            GET      i   0   0   0   0   0   0   2   2   0   0
retention_people?figure=intake       -            GET      i   0   0   0   0   0   0   2   2   0   0
paper                                paper        GET      iii 000 000 000 000 000 000 222 222 000 000
retention_download                   =json        GET      i   0   0   0   0   0   0   2   2   0   0
retention_download                   =csv         GET      i   0   0   0   0   0   0   2   2   0   0
retention_download                   =xlsx        GET      i   0   0   0   0   0   0   2   2   0   0
retention_download                   =pdf         GET      i   0   0   0   0   0   0   2   2   0   0
retention_download                   =exe         GET      i   0   0   0   0   0   0   4   4   0   0

brand_css                            -            GET      2   2   2   2   2   2   2   2   2   2   2
health                               -            GET      2   2   2   2   2   2   2   2   2   2   2
ready                                -            GET      2   2   2   2   2   2   2   2   2   2   2
help                                 -            GET      2   2   2   2   2   2   2   2   2   2   2
account_signup                       -            GET      2   2   2   2   2   2   2   2   2   2   2
accessibility                        -            GET      2   2   2   2   2   2   2   2   2   2   2
privacy                              -            GET      2   2   2   2   2   2   2   2   2   2   2
tryout_people                        -            GET      2   2   2   2   2   2   2   2   2   2   2
tryout_sign_in                       person       POST     >>> >>> >>> >>> >>> >>> >>> >>> >>> >>> >>>
tryout_mailbox                       -            GET      2   2   2   2   2   2   2   2   2   2   2
tryout_letter                        letter       GET      222 222 222 222 222 222 222 222 222 222 222
tryout_clock                         -            GET      2   2   2   2   2   2   2   2   2   2   2
tryout_clock                         -            POST     2   2   2   2   2   2   2   2   2   2   0

people?q=e                           -            GET      i   0   2   0   2   0   0   2   0   0   0
person                               person       GET      iii 000 224 000 224 000 000 222 000 000 000
add_person                           -            GET      i   0   0   0   2   0   0   2   0   0   0
add_person                           -            POST     i   0   0   0   >   0   0   >   0   0   0
change_person                        person       GET      iii 000 000 000 224 000 000 222 000 000 000
change_person                        person       POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
add_post                             person       GET      iii 000 000 000 224 000 000 222 000 000 000
add_post                             person       POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
end_post                             spell        GET      iii 000 000 000 224 000 000 222 000 000 000
end_post                             spell        POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
invite                               person       POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
deputies                             -            GET      i   0   2   0   0   0   0   0   0   0   0
deputies                             -            POST     i   0   >   0   0   0   0   0   0   0   0
end_deputy                           deputy       POST     iii 000 >44 000 000 000 000 000 000 000 000
duplicates                           -            GET      i   0   0   0   0   0   0   2   0   0   0
merge                                person+twin  GET      iii 000 000 000 000 000 000 222 000 000 000
merge                                person+twin  POST     iii 000 000 000 000 000 000 >>> 000 000 000
tell_apart                           person+twin  POST     iii 000 000 000 000 000 000 >>> 000 000 000
merge_undo                           merge        GET      iii 000 000 000 000 000 000 222 000 000 000
merge_undo                           merge        POST     iii 000 000 000 000 000 000 >>> 000 000 000

agencies?q=e                         -            GET      i   0   0   0   2   0   0   2   0   0   0
agency                               agency       GET      iii 000 000 000 224 000 000 222 000 000 000
add_agency                           -            GET      i   0   0   0   0   0   0   2   0   0   0
add_agency                           -            POST     i   0   0   0   0   0   0   >   0   0   0
change_agency                        agency       GET      iii 000 000 000 000 000 000 222 000 000 000
change_agency                        agency       POST     iii 000 000 000 000 000 000 >>> 000 000 000
add_team                             agency       GET      iii 000 000 000 224 000 000 222 000 000 000
add_team                             agency       POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
change_team                          team         GET      iii 000 000 000 224 000 000 222 000 000 000
change_team                          team         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
close_team                           team         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
open_team                            team         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
sign_ups                             -            GET      i   0   0   0   2   0   0   2   0   0   0
sign_up_asked                        asking       GET      iii 000 000 000 224 000 000 222 000 000 000
sign_up_asked                        asking       POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
sign_up_known                        asking       GET      iii 000 000 000 224 000 000 222 000 000 000
sign_up_known                        asking       POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
decline_sign_up                      asking       GET      iii 000 000 000 224 000 000 222 000 000 000
decline_sign_up                      asking       POST     iii 000 000 000 >>4 000 000 >>> 000 000 000

imports                              -            GET      i   0   0   0   2   0   0   2   0   0   0
imports                              -            POST     i   0   0   0   2   0   0   2   0   0   0
import_empty                         -            GET      i   0   0   0   2   0   0   2   0   0   0
import                               load         GET      iii 000 000 000 224 000 000 222 000 000 000
import_columns                       load         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
import_decide                        load         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
import_confirm                       load         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
import_cancel                        load         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
import_undo                          load         GET      iii 000 000 000 224 000 000 222 000 000 000
import_undo                          load         POST     iii 000 000 000 >>4 000 000 >>> 000 000 000
import_to_fix                        load         GET      iii 000 000 000 224 000 000 222 000 000 000

account_login                        -            GET      2   >   >   >   >   >   >   >   >   >   0
account_login                        -            POST     2   >   >   >   >   >   >   >   >   >   0
account_request_login_code           -            GET      2   >   >   >   >   >   >   >   >   >   0
account_request_login_code           -            POST     2   >   >   >   >   >   >   >   >   >   0
account_confirm_login_code           -            GET      >   >   >   >   >   >   >   >   >   >   0
account_confirm_login_code           -            POST     >   >   >   >   >   >   >   >   >   >   0
password_sign_in                     -            GET      2   >   >   >   >   >   >   >   >   >   0
password_sign_in                     -            POST     2   >   >   >   >   >   >   >   >   >   0
mfa_login_webauthn                   -            GET      >   >   >   >   >   >   >   >   >   >   0
mfa_login_webauthn                   -            POST     >   >   >   >   >   >   >   >   >   >   0
mfa_authenticate                     -            GET      >   >   >   >   >   >   >   >   >   >   0
mfa_authenticate                     -            POST     >   >   >   >   >   >   >   >   >   >   0
openid_connect_login                 =none        GET      4   4   4   4   4   4   4   4   4   4   0
openid_connect_callback              =none        GET      4   4   4   4   4   4   4   4   4   4   0
account_reset_password               -            GET      2   2   2   2   2   2   2   2   2   2   0
account_reset_password               -            POST     2   2   2   2   2   2   2   2   2   2   0
account_reset_password_done          -            GET      2   2   2   2   2   2   2   2   2   2   0
account_reset_password_from_key      =1+=x        GET      4   4   4   4   4   4   4   4   4   4   0
account_reset_password_from_key      =1+=x        POST     4   4   4   4   4   4   4   4   4   4   0
account_reset_password_from_key_done -            GET      2   2   2   2   2   2   2   2   2   2   0
account_inactive                     -            GET      2   2   2   2   2   2   2   2   2   2   2
sign_up                              -            GET      2   >   >   >   >   >   >   >   >   >   0
sign_up                              -            POST     2   >   >   >   >   >   >   >   >   >   0
sign_up_code                         -            GET      >   >   >   >   >   >   >   >   >   >   0
sign_up_code                         -            POST     >   >   >   >   >   >   >   >   >   >   0
sign_up_about                        -            GET      >   >   >   >   >   >   >   >   >   >   0
sign_up_about                        -            POST     >   >   >   >   >   >   >   >   >   >   0
account_logout                       -            GET      i   2   2   2   2   2   2   2   2   2   2
account_logout                       -            POST     i   >   >   >   >   >   >   >   >   >   >

account                              -            GET      i   2   2   2   2   2   2   2   2   2   0
confirm                              -            GET      i   2   2   2   2   2   2   2   2   2   0
confirm                              -            POST     i   2   2   2   2   2   2   2   2   2   0
password                             -            GET      i   2   2   2   2   2   2   2   2   2   0
password                             -            POST     i   2   2   2   2   2   2   2   2   2   0
remove_password                      -            GET      i   2   2   2   2   2   2   2   2   2   0
remove_password                      -            POST     i   >   >   >   >   >   >   >   >   >   0
second_factor                        -            GET      i   2   2   2   2   2   2   2   2   2   0
mfa_activate_totp                    -            GET      i   2   2   2   2   2   2   2   2   2   0
mfa_activate_totp                    -            POST     i   2   2   2   2   2   2   2   2   2   0
mfa_deactivate_totp                  -            GET      i   4   4   4   4   4   4   4   4   4   0
mfa_deactivate_totp                  -            POST     i   4   4   4   4   4   4   4   4   4   0
mfa_add_webauthn                     -            GET      i   2   2   2   2   2   2   2   2   2   0
mfa_add_webauthn                     -            POST     i   2   2   2   2   2   2   2   2   2   0
mfa_remove_webauthn                  =1           GET      i   4   4   4   4   4   4   4   4   4   0
mfa_remove_webauthn                  =1           POST     i   4   4   4   4   4   4   4   4   4   0
mfa_view_recovery_codes              -            GET      i   4   4   4   4   4   4   4   4   4   0
mfa_view_recovery_codes              -            POST     i   4   4   4   4   4   4   4   4   4   0
download_recovery_codes              -            GET      i   >   >   >   >   >   >   >   >   >   0
end_other_sign_ins                   -            GET      i   2   2   2   2   2   2   2   2   2   0
end_other_sign_ins                   -            POST     i   >   >   >   >   >   >   >   >   >   0
end_sign_in                          sign_in      GET      iii 244 244 244 244 244 244 244 244 244 000
end_sign_in                          sign_in      POST     iii >44 >44 >44 >44 >44 >44 >44 >44 >44 000
link_work_account                    =p           GET      i   4   4   4   4   4   4   4   4   4   0
unlink_work_account                  =1           GET      i   4   4   4   4   4   4   4   4   4   0
unlink_work_account                  =1           POST     i   4   4   4   4   4   4   4   4   4   0
about_you                            -            GET      i   2   2   2   2   2   2   2   2   2   0
about_you                            -            POST     i   >   >   >   >   >   >   >   >   >   0
forget_about_you                     -            POST     i   >   >   >   >   >   >   >   >   >   0
everything                           -            GET      i   2   2   2   2   2   2   2   2   2   0
everything                           -            POST     i   2   2   2   2   2   2   2   2   2   0
how_long                             -            GET      2   2   2   2   2   2   2   2   2   2   2
cookies                              -            GET      2   2   2   2   2   2   2   2   2   2   2

providers                            -            GET      i   0   0   0   0   0   0   0   0   2   0
new_provider                         -            GET      i   0   0   0   0   0   0   0   0   2   0
new_provider                         -            POST     i   0   0   0   0   0   0   0   0   2   0
provider                             provider     GET      iii 000 000 000 000 000 000 000 000 222 000
provider                             provider     POST     iii 000 000 000 000 000 000 000 000 222 000
privacy_desk?q=e                     -            GET      i   0   0   0   0   0   0   0   0   2   0
privacy_desk                         -            POST     i   0   0   0   0   0   0   0   0   2   0
privacy_person                       person       GET      iii 000 000 000 000 000 000 000 000 222 000
everything_of                        person       GET      iii 000 000 000 000 000 000 000 000 222 000
everything_of                        person       POST     iii 000 000 000 000 000 000 000 000 222 000
erase                                person       GET      iii 000 000 000 000 000 000 000 000 222 000
erase                                person       POST     iii 000 000 000 000 000 000 000 000 2>> 000
hold_person                          person       GET      iii 000 000 000 000 000 000 000 000 222 000
hold_person                          person       POST     iii 000 000 000 000 000 000 000 000 >>> 000
hold_agency                          agency       GET      iii 000 000 000 000 000 000 000 000 222 000
hold_agency                          agency       POST     iii 000 000 000 000 000 000 000 000 >>> 000
end_hold                             hold         GET      iii 000 000 000 000 000 000 000 000 222 000
end_hold                             hold         POST     iii 000 000 000 000 000 000 000 000 >>> 000
"""

HOSTING = {"kind": "coaching", "title": "A", "about": "A", "when": "A", "hours": "1", "open_to": "others"}
COURSE = {
    "title": "Court skills",
    "summary": "Be calm.",
    "kind": "online",
    "cpd_hours": "2",
    "attendance_share": "100",
    "owner": "{agency}",
    "open_to": "everyone",
}
SESSION = {"session-0-day": "2027-02-01", "session-0-begins": "9:30", "session-0-ends": "12:30"}

# What a form sends, so that whoever may send it is heard, and whoever may not would have done something.
SENT = {
    "account_login": {"email": "nobody"},
    "account_request_login_code": {"email": "nobody"},
    "sign_up": {"email": "nobody"},
    "add_agency": {"name": "New Agency", "kind": "school"},
    "change_agency": {"name": "Renamed", "kind": "school", "domains": "elm.example"},
    "add_team": {"name": "New team"},
    "change_team": {"name": "Other name"},
    "sign_up_asked": {"given_name": "New", "family_name": "Person", "start_date": "2026-11-02"},
    "sign_up_known": {"person": "{twin}"},
    "decline_sign_up": {"reason": "A test"},
    "give_access_role": {
        "access_role": "coordinator",
        "agency": "{agency}",
        "team": "{team}",
        "from_date": str(TODAY),
        "reason": "A test",
    },
    "end_access_role": {"from_date": str(TODAY), "reason": "A test"},
    "act_as": {"reason": "A test"},
    "reset_second_factor": {"reason": "A test"},
    "add_person": {
        "given_name": "New",
        "family_name": "Person",
        "email": "new@elm.example",
        "agency": "{agency}",
        "team": "{team}",
        "start_date": "2026-11-02",
    },
    "change_person": {"given_name": "Other", "family_name": "Name", "email": "other@elm.example"},
    "add_post": {"agency": "{agency}", "team": "{team}", "employee_number": "n-1", "start_date": "2026-11-02"},
    "end_post": {"end_date": "2026-11-20", "leaving_reason": "1"},
    "deputies": {"deputy": "{address}", "from_date": "2026-12-01", "until": "2026-12-02"},
    "merge": {"reason": "A test"},
    "about_you": {"sex": "female"},
    "erase": {"reason": "A test"},
    "hold_person": {"reason": "A test", "review_on": "2027-01-31"},
    "hold_agency": {"reason": "A test", "review_on": "2027-01-31"},
    "everything_of": {"reason": "A test"},
    "book": {"access_needs": "A hearing loop"},
    "told": {"access_needs": "A hearing loop"},
    "hand_over": {"email": "{address}"},
    "swap": {"run": "{date}"},
    "approval": {"decision": "no", "reason": "A test"},
    "waive": {"reason": "A test"},
    "policy": {"free_until_days": "3", "late_charge": "0", "no_show_half_day": "0", "no_show_full_day": "0"},
    "interest": {"wants_place": "yes"},
    "add_learning": {"kind": "reading", "title": "A test", "learnt_on": str(TODAY), "hours": "1"},
    "change_learning": {"kind": "reading", "title": "A test", "learnt_on": str(TODAY), "hours": "1"},
    "revoke_certificate": {"reason": "A test"},
    "own_calendar": {"make": "1"},
    "take_register": {"{mark}": "present"},
    "run_notes": {"notes": "The room was cold"},
    "walk_in": {"email": "{address}", "confirmed": "1"},
    "newcomer": {"name": "Ivo Ashdown", "agency_name": "A nursery", "session": "{session}"},
    "run_message": {"text": "Bring a pen", "token": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "confirmed": "1"},
    "settle_newcomer": {"nobody": "1"},
    "offer_hosting": HOSTING,
    "change_hosting": HOSTING,
    "ask_hosting": {"hopes": "A test", "times": "A test"},
    "answer_visit": {"decision": "yes", "on": str(TODAY)},
    "approve_visit": {"decision": "yes"},
    "call_off_visit": {"reason": "A test"},
    "reflect": {"learnt": "A test", "will_do": "A test"},
    "recording": {"url": "https://video.example/1"},
    "habits": {"days": "1"},
    "copy_runs": {"first": "2026-01-01", "last": "2026-11-23", "weeks": "52", "run": "", "course": ""},
    "add_course": COURSE,
    "change_course": COURSE,
    "course_questions": {"question-0-text": "Which court?", "question-0-kind": "text"},
    "add_run": {"rows": "1", "capacity": "12", "trainers": ""} | SESSION,
    "change_run": {"capacity": "12", "trainers": ""},
    "move_run": {"rows": "1"} | SESSION,
    "cancel_run": {"reason": "A test"},
    "add_room": {"name": "Mill room", "seats": "9"},
    "change_room": {"name": "Mill room", "seats": "9"},
    "follow_up": {"used": "A great deal", "confidence": "Good", "difference": "Some difference", "example": "x"},
}

pytestmark = pytest.mark.django_db  # or the database of tests would not be made, where these run alone
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HTMX")
MEANING = {200: "2", 403: "0", 404: "4", 405: "5"}
REFUSED = set("i045")
LOOKS = ("GET", "HEAD", "HTMX")  # change nothing, so nothing need be taken back


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    page: str
    query: str
    of: tuple[str, ...]
    method: str
    cells: dict[str, str]

    def address(self, things: dict[str, object]) -> str:
        args = [part[1:] if part.startswith("=") else things[part] for part in self.of]
        return reverse(self.page, args=args) + (f"?{self.query}" if self.query else "")

    @property
    def relations(self) -> tuple[str, ...]:
        return RELATIONS[: len(self.cells[OUT])]


def rows(table: str = TABLE) -> Iterator[Row]:
    lines = [line.split() for line in table.strip().splitlines()[1:] if line.strip()]
    for page, of, method, *cells in lines:
        name, _, query = page.partition("?")
        things = () if of == "-" else tuple(of.split("+"))
        yield Row(name, query, things, method, dict(zip(WHO, cells, strict=True)))


ROWS = list(rows())


def misfits(table: list[Row], names: set[str]) -> set[str]:
    """Pages without a row, and rows without a page."""
    return {row.page for row in table} ^ names


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Made once, in a transaction that is taken back in the end; as is each request's."""
    with django_db_blocker.unblock(), clock.standing_at(NOW), taken_back():
        yield build()


class Heard(logging.Handler):
    """What the security log was told."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[dict] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.facts.append(record.facts)


def _short(status: int, request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=status)


@pytest.fixture
def heard(monkeypatch) -> Iterator[Heard]:
    """The security log; thousands of refusals go without their pages and traces, which take most of the time."""
    for status in (403, 404):
        monkeypatch.setattr(urls, f"handler{status}", partial(_short, status), raising=False)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    log, handler = logging.getLogger("security"), Heard()
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


def ask(world: World, who: str, method: str, address: str, data: dict, *, does: bool) -> str:
    """One request as somebody; the answer as the table writes it. What it `does` is taken back."""
    browser = world.browsers[who]
    cookies = {name: held.value for name, held in browser.cookies.items()}
    with taken_back() if does else nullcontext():
        if method == "HTMX":
            response = browser.get(address, headers={"HX-Request": "true"})
        elif method == "POST":
            response = browser.post(address, data)
        else:
            response = browser.generic(method, address)
    browser.cookies = SimpleCookie(cookies)
    if response.status_code == 302:
        return "i" if response.url.startswith("/sign-in/?next=") else ">"
    return MEANING.get(response.status_code, str(response.status_code))


def expected(row: Row, who: str, relation: str, method: str, table: list[Row]) -> str:
    """What the table says, or for a method without a row what follows from the page's first one."""
    if method in (row.method, *(("HEAD", "HTMX") if row.method == "GET" else ())):
        return row.cells[who][row.relations.index(relation)]
    first = next(each for each in table if each.page == row.page)
    gate = first.cells[who][0]
    acting_looks = who == ACTING and method not in ("GET", "HEAD", "HTMX") and not _may_be_done_by_proxy(row.page)
    return "0" if acting_looks else gate if gate in "i0" else "5"


def _may_be_done_by_proxy(page: str) -> bool:
    return next(p for _, p in every_pattern() if p.name == page).callback.proxy == "look and do"


def requests_for(row: Row) -> Iterator[tuple[str, str]]:
    """The row's method with each relation, and HEAD and htmx's GET, which take the same way, with the farthest one;
    once, on the page's first row, each method that has no row."""
    yield from ((row.method, relation) for relation in row.relations)
    yield from ((method, row.relations[-1]) for method in (("HEAD", "HTMX") if row.method == "GET" else ()))
    if row is next(each for each in ROWS if each.page == row.page):
        named = {each.method for each in ROWS if each.page == row.page}
        named |= {"HEAD", "HTMX"} if "GET" in named else set()
        yield from ((method, "own") for method in METHODS if method not in named)


def filled(data: dict[str, str], things: dict[str, object]) -> dict[str, str]:
    return {key.format(**things): value.format(**things) for key, value in data.items()}


def test_every_page_is_in_the_table_and_every_row_has_its_page():
    assert misfits(ROWS, {pattern.name for _, pattern in every_pattern()}) == set()


def test_a_page_that_is_not_in_the_table_and_a_row_without_a_page_are_found():
    names = {row.page for row in ROWS}
    assert misfits(ROWS, names | {"new_page"}) == {"new_page"}
    assert misfits(ROWS, names - {"booking"}) == {"booking"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(filter(None, (row.page, *row.of, row.method))))
def test_each_of_them_is_answered_as_the_table_says_and_a_refusal_changes_nothing(world, heard, row):
    asked = [(who, *what, expected(row, who, *what[::-1], ROWS)) for what in requests_for(row) for who in WHO]
    refused = [each for each in asked if each[-1] in REFUSED]
    before = written()
    wrong = [fault for each in refused if (fault := differs(world, heard, row, *each))]
    assert written() == before
    wrong += [fault for each in asked if each not in refused and (fault := differs(world, heard, row, *each))]
    assert wrong == []


def differs(world: World, heard: Heard, row: Row, who: str, method: str, relation: str, said: str) -> str:
    """What is wrong with one answer, if anything; whoever asks for what is another's leaves a line."""
    things, lines = world.things(who, relation), len(heard.facts)
    data, does = filled(SENT.get(row.page, {}), things), said not in REFUSED and method not in LOOKS
    answer = ask(world, who, method, row.address(things), data, does=does)
    if answer != said:
        return f"{who} {method} {relation}: {answer}, not {said}"
    is_thing = answer == "4" and row.of and who != OUT and not row.of[0].startswith("=")
    return (
        f"{who} {method} {relation}: unheard" if is_thing and not _tells(heard.facts[lines:], world, who, row) else ""
    )


def _tells(lines: list[dict], world: World, who: str, row: Row) -> bool:
    """One line: who, at which page, which id; the administrator's too where one acts; and no name or address."""
    person = world.people["learner" if who == ACTING else who].pk
    administrator = world.people["administrator"].pk if who == ACTING else None
    facts = lines[0] if len(lines) == 1 else {}
    known = (facts.get("person"), facts.get("acting"), facts.get("page")) == (person, administrator, row.page)
    return known and isinstance(facts["id"], int) and not re.search("@|Example", str(facts))


# --- What a form was never asked -----------------------------------------------------------------------------------


SLIPPED_IN = {  # what somebody adds to a form, each with something of another agency's or with more than is theirs
    "agency": "{agency}",
    "team": "{team}",
    "person": "{person}",
    "run": "{run}",
    "session": "{session}",
    "cohort": "{cohort}",
    "booking": "{booking}",
    "{mark}": "present",
    "by": "{person}",
    "given_by": "{person}",
    "is_staff": "1",
    "is_superuser": "1",
    "is_active": "",
    "outcome": "pass",
    "state": "completed",
    "access_role": "administrator",
    "to_date": "2999-01-01",
    "capacity": "999",
    "queue_position": "1",
    "acting": "{person}",
    "next": "https://elsewhere.example/",
    "id": "1",
    "pk": "1",
}
BY_CHANCE = {"id", "reference", "object_id", "key", "subjects", "session_key", "session_data", "expire_date", "pgh_id"}
BY_CHANCE |= {"pdf", "response", "last_login", "password", "signed_in_at", "last_seen_at", "record", "uuid"}
# Forms with a file, a password, a factor or a download: the tests of imports, of signing in and of privacy try them.
TRIED_ELSEWHERE = {
    *("imports", "password_sign_in", "password", "confirm", "unlink_work_account", "new_provider", "provider"),
    *("everything", "everything_of", "privacy_desk", "book_for", "invoice"),
}
# What they make refers to rows that they make, so that no two are alike: see tests/partners/test_people.py and others.
MAKES_MORE = {"add_person", "add_post", "add_run", "add_team", "hand_over", "sign_up_asked"}
FORMS = [row for row in ROWS if row.method == "POST" and any(">" in row.cells[who] for who in AccessRole)]


def stands(row: Row, things: dict, browser, extra: dict[str, str]) -> tuple[str, dict[str, set]]:
    """Where the form leads, and all that is in the database after it, ids and what is drawn by chance aside."""
    data = filled(SENT.get(row.page, {}), things)
    cookies = {name: held.value for name, held in browser.cookies.items()}
    with taken_back():
        response = browser.post(row.address(things), extra | data)
        tables = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
        rows = {model._meta.label: set(Counter(map(_facts, model._base_manager.all())).items()) for model in tables}
    browser.cookies = SimpleCookie(cookies)
    return re.sub(r"LCW-[\w-]+|\d+", "…", response.headers.get("Location", str(response.status_code))), rows


def _facts(item) -> tuple:
    values = (item.serializable_value(f.attname) for f in item._meta.concrete_fields if f.name not in BY_CHANCE)
    return tuple(str(bytes(value) if isinstance(value, memoryview) else value) for value in values)


def test_every_form_that_changes_anything_is_tried():
    sends = {row.page for row in ROWS if row.method == "POST"}
    signs_in_or_moves_the_clock = {page for page in sends if page.startswith(("account_", "mfa_", "tryout_"))}
    signs_in_or_moves_the_clock |= {"sign_up", "sign_up_code", "sign_up_about"}
    assert {row.page for row in FORMS} >= sends - signs_in_or_moves_the_clock - TRIED_ELSEWHERE


@pytest.mark.parametrize("row", [row for row in FORMS if row.page not in MAKES_MORE], ids=lambda row: row.page)
def test_a_form_ignores_what_it_never_asked_for(world, row):
    who = next(role for role in (*AccessRole,) if ">" in row.cells[role])
    things = world.things(who, row.relations[row.cells[who].rindex(">")])
    asked = filled(SENT.get(row.page, {}), things)
    extra = {key: value for key, value in filled(SLIPPED_IN, world.other).items() if key not in asked}
    browser = world.browsers[who]
    (led, rows), (leads, as_always) = (stands(row, things, browser, each) for each in (extra, {}))
    assert led == leads
    assert {name: rows[name] ^ as_always[name] for name in rows if rows[name] != as_always[name]} == {}


def test_a_session_of_another_agencys_run_is_not_marked_through_ones_own_run(world, heard):
    trainer = world.browsers["trainer"]
    address = reverse("take_register", args=[world.same["run"], world.other["session"]])
    before = written()
    assert trainer.post(address, {world.same["mark"]: "present"}).status_code == 404
    assert written() == before
    assert heard.facts[-1]["of"] == "courses.session"


def test_a_place_on_another_agencys_run_is_not_marked_through_ones_own_run(world):
    trainer = world.browsers["trainer"]
    address = reverse("take_register", args=[world.same["run"], world.same["session"]])
    with taken_back():
        trainer.post(address, {world.same["mark"]: "present", world.other["mark"]: "present"})
        marked = set(Attendance.objects.values_list("booking", flat=True))
    assert {f"mark-{pk}" for pk in marked} == {world.same["mark"]}


def test_a_team_of_another_agency_is_refused_by_the_form(world):
    browser, person = world.browsers["administrator"], world.same["person"]
    data = filled(SENT["give_access_role"], world.same) | {"team": world.other["team"]}
    before = written()
    page = browser.post(reverse("give_access_role", args=[person]), data)
    assert "is not a team of Elm Primary" in page.content.decode()
    assert written().get("partners_grant") == before.get("partners_grant")
