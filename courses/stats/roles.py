"""Who trains."""

from academy.lib import registry

registry.roles("SELECT 'trainer' WHERE EXISTS (SELECT FROM courses_run_trainers WHERE person_id = %(person)s)")
