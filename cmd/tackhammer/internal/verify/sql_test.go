package verify

import "testing"

func TestStatementsOfTheKitsTables(t *testing.T) {
	for text, want := range map[string]string{
		"INSERT INTO deliveries (id) VALUES (?)":                   "INSERT INTO deliveries: a table of the kit",
		"insert or replace into main.\"decisions\"(id) select 1":   "INSERT OR REPLACE INTO decisions: a table of the kit",
		"insert /* quiet */ into\n\tdeliveries values (1)":         "INSERT INTO deliveries: a table of the kit",
		"UPDATE reviews AS r SET state = 'done'":                   "UPDATE reviews: a table of the kit",
		"update public.cases set state=$1":                         "UPDATE cases: a table of the kit",
		"DELETE FROM audit_events":                                 "DELETE FROM audit_events: a table of the kit",
		"truncate users cascade":                                   "TRUNCATE users: a table of the kit",
		"WITH x AS (SELECT 1) INSERT INTO drafts SELECT * FROM x":  "INSERT INTO drafts: a table of the kit",
		"ALTER TABLE deliveries DISABLE TRIGGER ALL":               "ALTER TABLE deliveries: a table of the kit",
		"DROP TRIGGER decisions_by_person":                         "DROP TRIGGER DECISIONS_BY_PERSON takes a guard of the database away",
		"PRAGMA writable_schema = 1":                               "PRAGMA WRITABLE_SCHEMA takes a guard of the database away",
		"INSERT INTO deliveries " + gap:                            "INSERT INTO deliveries: a table of the kit",
		"create trigger let_go after insert on cases begin end":    "CREATE TRIGGER cases: a table of the kit",
		"copy decisions (id, person) from stdin":                   "COPY decisions: a table of the kit",
		`INSERT INTO"deliveries"VALUES(1)`:                         "INSERT INTO deliveries: a table of the kit",
		`UPDATE"reviews"SET state=1`:                               "UPDATE reviews: a table of the kit",
		`INSERT INTO 'deliveries' VALUES (1)`:                      "INSERT INTO deliveries: a table of the kit",
		"INSERT INTO deliveries TABLE other":                       "INSERT INTO deliveries: a table of the kit",
		"INSERT INTO deliveries OVERRIDING USER VALUE VALUES (1)":  "INSERT INTO deliveries: a table of the kit",
		"UPDATE reviews NOT INDEXED SET state = 1":                 "UPDATE reviews: a table of the kit",
		"delete from [decisions] not indexed where 1":              "DELETE FROM decisions: a table of the kit",
		"merge into deliveries d using x on d.id = x.id":           "MERGE INTO deliveries: a table of the kit",
		"delete from only decisions d where true":                  "DELETE FROM decisions: a table of the kit",
		"SELECT '--'; INSERT INTO deliveries VALUES (1)":           "INSERT INTO deliveries: a table of the kit",
		"SELECT '/*'; INSERT INTO deliveries VALUES (1)":           "INSERT INTO deliveries: a table of the kit",
		`SELECT E'\''; INSERT INTO deliveries VALUES (1)`:          "INSERT INTO deliveries: a table of the kit",
		"DO $$ BEGIN DELETE FROM deliveries; END $$":               "DELETE FROM deliveries: a table of the kit",
		"EXECUTE 'INSERT INTO deliveries VALUES (1)'":              "INSERT INTO deliveries: a table of the kit",
		"WITH x AS (DELETE FROM deliveries) SELECT 1":              "DELETE FROM deliveries: a table of the kit",
		"TRUNCATE invoices, public.deliveries":                     "TRUNCATE deliveries: a table of the kit",
		"drop table if exists invoices, deliveries":                "DROP TABLE deliveries: a table of the kit",
		"create rule r as on insert to deliveries do also nothing": "CREATE RULE deliveries: a table of the kit",
		"it's said: INSERT INTO deliveries (id) VALUES (1)":        "INSERT INTO deliveries: a table of the kit",
		"-- INSERT INTO deliveries (id) VALUES (1)":                "",
		"SELECT 'delete' FROM cases WHERE true":                    "",
		"update cases as they come":                                "",
		"Insert into reviews that wait a note":                     "",
		"delete from drafts what is no longer said":                "",
		"INSERT INTO invoices (id) VALUES (?)":                     "",
		"SELECT id FROM deliveries":                                "",
		"DROP TRIGGER my_own":                                      "",
		"truncate drafts to a line":                                "",
		"update the deliveries, then set the date of the decision": "",
	} {
		got := ""
		if all := statements(text); len(all) > 0 {
			got = all[0].words
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTablesAreTheMigrations(t *testing.T) {
	for _, name := range []string{"deliveries", "decisions", "reviews", "drafts", "cases", "users", "audit_events", "sends", "river_job"} {
		if mild, ok := tables()[name]; !ok || mild {
			t.Errorf("%s: known %v, mild %v", name, ok, mild)
		}
	}
	for _, name := range mildTables {
		if !tables()[name] {
			t.Errorf("%s is not mild", name)
		}
	}
	if !triggers()["decisions_by_person"] || len(triggers()) < 50 {
		t.Errorf("%d triggers", len(triggers()))
	}
}
