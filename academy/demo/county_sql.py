"""The statements that make a county, in their order. Each takes what stands in `county._values`."""

# A number from 0 to 1 that two whole numbers always give; and the first monday to friday from a day on.
CHANCE = """
CREATE FUNCTION pg_temp.chance(number bigint, salt bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$ SELECT (hashint8extended(number, salt) & 1048575) / 1048576.0::double precision $$;
CREATE FUNCTION pg_temp.working(day date) RETURNS date LANGUAGE sql IMMUTABLE AS
    $$ SELECT day + CASE extract(isodow FROM day) WHEN 6 THEN 2 WHEN 7 THEN 1 ELSE 0 END $$;
CREATE FUNCTION pg_temp.london(day date, clock time) RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT (day + clock) AT TIME ZONE 'Europe/London' $$;
CREATE FUNCTION pg_temp.code(number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT translate(upper(lpad(to_hex(number * 2654435761 % 4294967296), 8, '0')), '01', 'XY') $$;
"""

# Who works where: four in ten for the council, the health trust or the police. `place` counts within an agency;
# everyone's manager is the one at a twelfth of their place.
_WHO = """
CREATE TEMPORARY TABLE county_person ON COMMIT DROP AS
SELECT n, agency_id, row_number() OVER (PARTITION BY agency_id ORDER BY n) - 1 AS place,
    nextval(pg_get_serial_sequence('partners_person', 'id')) AS id,
    nextval(pg_get_serial_sequence('partners_employment', 'id')) AS spell_id,
    %(today)s::date - 60 - (pg_temp.chance(n, 1) ^ 0.6 * 6000)::int AS start_date
FROM (
    SELECT n, CASE WHEN pg_temp.chance(n, 2) < 0.4
        THEN (%(large)s::bigint[])[1 + n %% cardinality(%(large)s::bigint[])]
        ELSE (%(agencies)s::bigint[])[1 + n %% cardinality(%(agencies)s::bigint[])] END AS agency_id
    FROM generate_series(1, %(people)s) AS n
) AS somebody ORDER BY n
"""
_PEOPLE = """
INSERT INTO partners_person (id, given_name, family_name, name_key, email, swe_number, access_needs, created_at,
    email_refused, search_key, uuid)
SELECT p.id, g.name, f.name, f.key || ' ' || g.key, address, '', '', p.start_date, '',
    ' ' || f.key || ' ' || g.key || ' ' || address || ' c' || p.n, md5('county ' || p.n)::uuid
FROM county_person p
JOIN county_name g ON g.which = 'given' AND g.place = p.n %% %(given_names)s
JOIN county_name f ON f.which = 'family' AND f.place = p.n / %(given_names)s %% %(family_names)s,
    LATERAL (SELECT g.plain || '.' || f.plain || '.' || p.n || '@county.example') AS mail (address)
ORDER BY p.n
"""
_NAMED = """
INSERT INTO partners_personversion (recorded_at, source, dated, retracted, is_current, given_name, family_name, email,
    agency_id, identity_id)
SELECT who.created_at, 'county.csv', FALSE, FALSE, TRUE, who.given_name, who.family_name, who.email, p.agency_id, p.id
FROM county_person p JOIN partners_person who ON who.id = p.id ORDER BY p.n
"""
_ACCOUNTS = """
INSERT INTO partners_user (password, email, is_active, person_id)
SELECT '!' || md5('county ' || p.n), who.email, TRUE, p.id
FROM county_person p JOIN partners_person who ON who.id = p.id ORDER BY p.n
"""
_SPELLS = """
INSERT INTO partners_employment (id, employee_number, start_date, agency_id, job_role_id, person_id, team_id)
SELECT p.spell_id, 'c' || p.n, p.start_date, p.agency_id, %(job_role)s, p.id,
    (SELECT min(t.id) FROM partners_team t WHERE t.agency_id = p.agency_id)
FROM county_person p ORDER BY p.n
"""
_FACTS = """
INSERT INTO partners_employmentversion (recorded_at, source, dated, retracted, is_current, fte, end_date,
    leaving_reason, destination, worker_type, identity_id, manager_id)
SELECT p.start_date, 'county.csv', FALSE, FALSE, TRUE, CASE WHEN pg_temp.chance(p.n, 3) < 0.7 THEN 1 ELSE 0.6 END,
    gone.day, CASE WHEN gone.day IS NOT NULL THEN 1 END, CASE WHEN gone.day IS NOT NULL THEN 8 END, 'employee',
    p.spell_id, manager.id
FROM county_person p
LEFT JOIN county_person manager
    ON p.place > 0 AND manager.agency_id = p.agency_id AND manager.place = (p.place - 1) / 12
LEFT JOIN LATERAL (
    SELECT greatest(p.start_date + 30, %(today)s::date - 20 - (pg_temp.chance(p.n, 5) * 1500)::int) AS day
    WHERE pg_temp.chance(p.n, 4) < 0.12 AND p.place > 12
) AS gone ON TRUE
ORDER BY p.n
"""

# Runs over ten years and 150 days to come; every 97th was cancelled.
_WHEN = """
CREATE TEMPORARY TABLE county_run ON COMMIT DROP AS
SELECT r, nextval(pg_get_serial_sequence('courses_run', 'id')) AS id,
    (%(courses)s::bigint[])[1 + r * 7 %% cardinality(%(courses)s::bigint[])] AS course_id,
    pg_temp.working(%(today)s::date - 3650 + (r * 3800.0 / %(runs)s)::int) AS first_day,
    (ARRAY[24, 40, 60, 100, 160, 280])[1 + r %% 6] AS capacity,
    CASE WHEN r %% 5 = 0 THEN 2 ELSE 1 END AS sessions, r %% 97 = 0 AS cancelled,
    CASE WHEN pg_temp.chance(r, 11) < 0.4 THEN 1 ELSE 0.6 + 0.35 * pg_temp.chance(r, 12) END AS fill
FROM generate_series(1, %(runs)s) AS r ORDER BY r
"""
_RUNS = """
INSERT INTO courses_run (id, course_id, state, capacity, starts_at, ends_at, cost, cancel_reason)
SELECT id, course_id, CASE WHEN cancelled THEN 'cancelled' WHEN ends_at < %(at)s THEN 'completed' ELSE 'published' END,
    capacity, starts_at, ends_at, CASE WHEN r %% 3 > 0 THEN 150 + capacity * 12 END,
    CASE WHEN cancelled THEN 'The trainer is ill' ELSE '' END
FROM (
    SELECT *, pg_temp.london(first_day, '09:30') AS starts_at,
        pg_temp.london(first_day + 14 * (sessions - 1), '15:30') AS ends_at
    FROM county_run
) AS run ORDER BY r
"""
_SESSIONS = """
INSERT INTO courses_session (run_id, starts_at, ends_at, venue)
SELECT id, pg_temp.london(day, '09:30'), pg_temp.london(day, '15:30'),
    CASE WHEN r %% 3 = 0 THEN 'Online' ELSE 'Larkshire Training Centre, hall' END
FROM county_run, generate_series(0, sessions - 1) AS n, LATERAL (SELECT first_day + 14 * n) AS its (day)
ORDER BY r, n
"""
_TRAINERS = """
INSERT INTO courses_run_trainers (run_id, person_id)
SELECT run.id, who.id FROM county_run run JOIN (
    SELECT id, row_number() OVER (ORDER BY n) - 1 AS number FROM county_person WHERE place BETWEEN 1 AND 12
    ORDER BY n LIMIT %(trainers)s
) AS who ON who.number = run.r * 7 %% %(trainers)s
ORDER BY run.r
"""

# For each run a walk through the people by a step of its own, past those who did not work here that day; then by turns:
# holders of a place up to what is filled, those who gave one up, who came unbooked or waited in vain.
_WISHES = """
CREATE TEMPORARY TABLE county_wish ON COMMIT DROP AS
SELECT *, CASE
    WHEN number <= held THEN 'booked'
    WHEN number <= held + gave_up THEN 'given_up'
    WHEN is_past THEN CASE WHEN number %% 2 = 0 THEN 'walk_in' ELSE 'no_place' END
    WHEN fill = 1 THEN 'queued' END AS came_to
FROM (
    SELECT run.id AS run_id, run.r, run.fill, run.cancelled, who.id AS person_id, who.agency_id,
        db_run.starts_at, db_run.ends_at, db_run.starts_at < %(at)s AS is_past,
        row_number() OVER (PARTITION BY run.r ORDER BY k) AS number,
        floor(run.capacity * run.fill) AS held, ceil(run.capacity * 0.08) AS gave_up,
        ceil(run.capacity * CASE WHEN run.fill = 1 THEN 0.08 ELSE 0.02 END) AS others
    FROM county_run run
    JOIN courses_run db_run ON db_run.id = run.id
    CROSS JOIN LATERAL generate_series(1, run.capacity * 5 / 2) AS k
    JOIN county_person who ON who.n = 1 + (run.r * 7919 + k * (10 * run.r + 7)) %% %(people)s
    JOIN partners_employmentversion v ON v.identity_id = who.spell_id
    WHERE who.start_date <= run.first_day - 90 AND (v.end_date IS NULL OR v.end_date > run.first_day)
        AND who.place NOT BETWEEN 1 AND 12
) AS wish
WHERE number <= held + gave_up + others
"""
_BOOKINGS = """
INSERT INTO courses_booking (run_id, person_id, agency_id, reference, state, queue_position, asked_at, booked_at,
    ended_at, booked_by_id, walk_in, free_until_days, late_charge, no_show_charge)
SELECT run_id, person_id, agency_id, 'LCC-' || substr(code, 1, 4) || '-' || substr(code, 5),
    CASE WHEN cancelled THEN 'cancelled' WHEN came_to = 'walk_in' THEN 'booked' ELSE came_to END,
    CASE WHEN came_to = 'queued' AND NOT cancelled THEN number END, asked_at,
    CASE WHEN came_to = 'walk_in' THEN starts_at WHEN came_to IN ('booked', 'given_up') THEN asked_at END,
    CASE WHEN cancelled THEN least(starts_at, %(at)s) - interval '10 days' WHEN came_to = 'no_place' THEN starts_at
        WHEN came_to = 'given_up' THEN least(
            starts_at - CASE WHEN number %% 4 = 0 THEN 2 ELSE 20 END * interval '1 day', %(at)s - interval '1 day'
        ) END,
    person_id, came_to = 'walk_in' AND NOT cancelled, 5, 35, 50
FROM (
    SELECT *, pg_temp.code(row_number() OVER (ORDER BY r, number)) AS code,
        CASE WHEN came_to = 'walk_in' THEN starts_at
            ELSE least(starts_at, %(at)s) - interval '60 days' + number * interval '97 minutes' END AS asked_at
    FROM county_wish WHERE came_to IS NOT NULL AND NOT (cancelled AND came_to IN ('walk_in', 'no_place'))
) AS wish ORDER BY r, number
"""
_MARKS = """
INSERT INTO courses_attendance (booking_id, session_id, mark, marked_at, marked_by_id)
SELECT b.id, s.id, CASE WHEN b.walk_in OR chance < 0.87 THEN 'present' WHEN chance < 0.89 THEN 'part'
    WHEN chance < 0.92 THEN 'late' WHEN chance < 0.98 THEN 'absent' ELSE 'excused' END, s.ends_at, NULL
FROM county_run run
JOIN courses_booking b ON b.run_id = run.id AND b.state = 'booked'
JOIN courses_session s ON s.run_id = run.id AND s.ends_at < %(at)s, LATERAL (
    SELECT pg_temp.chance(b.id, 21) * 0.9 + pg_temp.chance(s.id * 1000003 + b.id, 22) * 0.1
) AS its (chance)
ORDER BY b.id, s.id
"""
_ACHIEVEMENTS = """
INSERT INTO courses_achievement (person_id, course_id, run_id, booking_id, completed_on, recorded_at)
SELECT b.person_id, db_run.course_id, run.id, b.id, (db_run.ends_at AT TIME ZONE 'Europe/London')::date,
    db_run.ends_at + interval '2 hours'
FROM county_run run
JOIN courses_run db_run ON db_run.id = run.id AND db_run.state = 'completed'
JOIN courses_booking b ON b.run_id = run.id AND b.state = 'booked'
JOIN courses_attendance a ON a.booking_id = b.id AND a.mark IN ('present', 'late')
GROUP BY b.id, db_run.id, run.id, run.sessions HAVING count(*) = run.sessions
ORDER BY b.id
ON CONFLICT DO NOTHING
"""
_CERTIFICATES = """
INSERT INTO courses_certificate (achievement_id, number, name, course, cpd_hours, issued_at)
SELECT a.id, 'LCC-' || substr(code, 1, 4) || '-' || substr(code, 5) || '-' || upper(substr(md5(code), 1, 2)),
    concat_ws(' ', p.given_name, p.family_name), c.title, c.cpd_hours, a.recorded_at
FROM courses_achievement a
JOIN county_run run ON run.id = a.run_id
JOIN partners_person p ON p.id = a.person_id
JOIN courses_course c ON c.id = a.course_id, LATERAL (SELECT pg_temp.code(a.id)) AS its (code)
ORDER BY a.id
"""
_CHARGES = """
INSERT INTO courses_charge (booking_id, agency_id, kind, amount, made_at, waiver_reason)
SELECT b.id, b.agency_id, CASE WHEN b.state = 'given_up' THEN 'late' ELSE 'no_show' END,
    CASE WHEN b.state = 'given_up' THEN b.late_charge ELSE b.no_show_charge END, db_run.ends_at, ''
FROM county_run run
JOIN courses_run db_run ON db_run.id = run.id AND db_run.state = 'completed'
JOIN courses_booking b ON b.run_id = run.id
WHERE b.state = 'given_up' AND b.ended_at > db_run.starts_at - interval '3 days'
    OR b.state = 'booked' AND NOT b.walk_in AND NOT EXISTS (
        SELECT FROM courses_attendance a WHERE a.booking_id = b.id AND a.mark NOT IN ('absent')
    )
ORDER BY b.id
"""
_INTERESTS = """
INSERT INTO courses_interest (course_id, person_id, state, wants_place, days, areas, asked_at, ended_at)
SELECT (%(courses)s::bigint[])[1 + (pg_temp.chance(i, 31) ^ 3 * cardinality(%(courses)s::bigint[]))::int
        %% cardinality(%(courses)s::bigint[])],
    who.id, CASE WHEN i %% 3 = 0 THEN 'ended' ELSE 'waiting' END, i %% 4 = 0, ARRAY[]::smallint[],
    ARRAY[]::varchar[], %(at)s - i * interval '9 minutes', CASE WHEN i %% 3 = 0 THEN %(at)s - interval '2 minutes' END
FROM generate_series(1, %(interests)s) AS i JOIN county_person who ON who.n = 1 + i * 2 %% %(people)s ORDER BY i
ON CONFLICT DO NOTHING
"""
# What was completed more than a year ago is past asking: one wave says so, which keeps the tick from planning any.
_PAST_ASKING = """
INSERT INTO evaluation_followup (achievement_id, person_id, months, questionnaire_id, state, due_at, skipped_because)
SELECT a.id, a.person_id, 12, %(questionnaire)s, 'skipped', pg_temp.london(a.completed_on + 365, '09:00'),
    'its time had passed'
FROM courses_achievement a JOIN county_run run ON run.id = a.run_id
WHERE a.completed_on < %(today)s::date - 400 ORDER BY a.id
"""

STEPS = [
    ("", _WHO),
    ("people", _PEOPLE),
    ("names", _NAMED),
    ("accounts", _ACCOUNTS),
    ("spells", _SPELLS),
    ("facts of spells", _FACTS),
    ("", _WHEN),
    ("runs", _RUNS),
    ("sessions", _SESSIONS),
    ("trainers", _TRAINERS),
    ("", "ANALYZE county_person, county_run, partners_employmentversion, courses_run"),
    ("", _WISHES),
    ("bookings", _BOOKINGS),
    ("", "ANALYZE courses_booking, courses_session"),
    ("marks", _MARKS),
    ("achievements", _ACHIEVEMENTS),
    ("", "ANALYZE courses_achievement"),
    ("certificates", _CERTIFICATES),
    ("charges", _CHARGES),
    ("interests", _INTERESTS),
    ("follow-ups past asking", _PAST_ASKING),
]
