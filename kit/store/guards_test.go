package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestUnguardedTellsWhichTriggersAreNotAsTheyWereMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tells := func() []string {
			found, err := db.Unguarded(t.Context(), db.Read())
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if found := tells(); len(found) > 0 {
			t.Fatalf("a good database: %q", found)
		}
		for _, c := range attacks[db.Engine()] {
			must(t, db, c[1])
			if found := tells(); !slices.ContainsFunc(found, func(f string) bool { return strings.HasSuffix(f, c[0]) }) {
				t.Errorf("%s: %q", c[1], found)
			}
		}
	})
}

// attacks take guards away, one after the other.
var attacks = map[store.Engine][][2]string{
	store.SQLite: {
		{"decisions_by_person is missing", `DROP TRIGGER decisions_by_person`},
		{"decisions_by_person is not as it was made", `CREATE TRIGGER decisions_by_person BEFORE INSERT ON decisions WHEN FALSE BEGIN SELECT 1; END`},
		{"quiet is none of this program's", `CREATE TRIGGER quiet BEFORE INSERT ON barred BEGIN SELECT RAISE(IGNORE); END`},
	},
	store.Postgres: {
		{"deliveries_standing is missing", `DROP TRIGGER deliveries_standing ON deliveries`},
		{"canaries_fixed is switched off", `ALTER TABLE canaries DISABLE TRIGGER canaries_fixed`},
		{"is switched off", `ALTER TABLE decisions DISABLE TRIGGER ALL`},
		{"lots_fixed is not as it was made", `CREATE OR REPLACE FUNCTION lots_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`},
		{"drafts_canary_stays is not as it was made",
			`CREATE OR REPLACE TRIGGER drafts_canary_stays BEFORE UPDATE OF canary ON drafts FOR EACH ROW WHEN (FALSE) EXECUTE FUNCTION canaries_fixed()`},
		{"bars_fixed is not as it was made", `CREATE OR REPLACE TRIGGER bars_fixed BEFORE DELETE ON bars FOR EACH ROW EXECUTE FUNCTION bars_fixed()`},
		{"quiet is none of this program's", `CREATE TRIGGER quiet BEFORE INSERT ON barred FOR EACH ROW EXECUTE FUNCTION bars_fixed()`},
	},
}
