"""Which access roles a person holds by WHO's own rows: learner always, what was granted, manager of anyone in post."""

from academy.lib import registry

registry.roles("SELECT 'learner'")
registry.roles("""
    SELECT access_role FROM partners_grant
    WHERE person_id = %(person)s AND from_date <= %(on)s AND (to_date IS NULL OR to_date > %(on)s)
""")
registry.roles("""
    SELECT 'manager' WHERE EXISTS (
        SELECT FROM partners_employmentversion v JOIN partners_employment e ON e.id = v.identity_id
        WHERE v.manager_id IN (
                SELECT %(person)s UNION SELECT manager_id FROM partners_deputy
                WHERE deputy_id = %(person)s AND from_date <= %(on)s AND until >= %(on)s
            ) AND v.is_current AND NOT v.retracted
            AND e.start_date <= %(on)s AND (v.end_date IS NULL OR v.end_date > %(on)s)
    )
""")
