"""The audit log only grows, whoever asks the database: triggers refuse everything but emptying a detail."""

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER audit_stays BEFORE DELETE ON governance_auditentry
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
    """,
    """
    CREATE TRIGGER audit_unchanged BEFORE UPDATE ON governance_auditentry
    WHEN NOT (
        NEW.detail = '' AND NEW.salt = ''
        AND NEW.seq = OLD.seq AND NEW.tenant = OLD.tenant AND NEW.at = OLD.at AND NEW.actor = OLD.actor
        AND NEW.actor_name = OLD.actor_name AND NEW.action = OLD.action AND NEW.subject = OLD.subject
        AND NEW.address = OLD.address AND NEW.detail_hash = OLD.detail_hash
        AND NEW.previous = OLD.previous AND NEW.hash = OLD.hash
    )
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
    """,
]

POSTGRESQL = [
    """
    CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.detail = '' AND NEW.salt = ''
                AND (NEW.seq, NEW.tenant, NEW.at, NEW.actor, NEW.actor_name, NEW.action, NEW.subject, NEW.address,
                     NEW.detail_hash, NEW.previous, NEW.hash)
                = (OLD.seq, OLD.tenant, OLD.at, OLD.actor, OLD.actor_name, OLD.action, OLD.subject, OLD.address,
                   OLD.detail_hash, OLD.previous, OLD.hash)
            THEN RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'the audit log only grows';
    END $$
    """,
    """
    CREATE TRIGGER audit_stays BEFORE DELETE OR UPDATE ON governance_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows()
    """,
    """
    CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON governance_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
    """,
]


def protect(apps, schema_editor):
    """Make the triggers, in the words of the engine."""
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
