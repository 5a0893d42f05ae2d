package store_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

const calibrated = `INSERT INTO calibrations (id, step, model_name, model_digest, prompt_hash, schema_hash, server, hash, body, labels, made_at, made_by)
	VALUES ('one', 'extract', 'm', 'x', '', 's', '', 'h', '{}', 9, 1, 'mei')`

func TestACalibrationStaysAsItWasMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "a")
		must(t, db, calibrated)
		refused(t, db, "two for the same drafts", `INSERT INTO calibrations (id, step, model_name, model_digest, prompt_hash, schema_hash,
			server, hash, body, labels, made_at, made_by) VALUES ('two', 'extract', 'm', 'x', '', 's', '', 'i', '{}', 9, 1, 'mei')`)
		for _, set := range []string{`body = '{"a":1}'`, `hash = 'i'`, `labels = 10`, `made_by = 'scanner'`, `server = 'y'`, `id = 'two'`} {
			refused(t, db, set, `UPDATE calibrations SET `+set)
			refused(t, db, set+" as it ends", `UPDATE calibrations SET ended_at = 2, `+set)
		}
		refused(t, db, "deleted", `DELETE FROM calibrations`)
		must(t, db, `UPDATE calibrations SET ended_at = 2`)
		refused(t, db, "begun again", `UPDATE calibrations SET ended_at = NULL`)
		refused(t, db, "ended again", `UPDATE calibrations SET ended_at = 3`)
		refused(t, db, "replaced", replacing(db, calibrated))
	})
}

// replacing is an insert that SQLite lets take another row's place.
func replacing(db *store.DB, insert string) string {
	if db.Engine() == store.Postgres {
		return insert // there is no such thing: the key refuses it
	}
	return "INSERT OR REPLACE" + insert[len("INSERT"):]
}

func TestABarStaysAsItWasCertified(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "a")
		must(t, db, `INSERT INTO bars (id, step, threshold, error, confidence, labels, wrong, model_name, model_digest, prompt_hash, schema_hash,
			server, calibration, cases, share, certified_at, certified_by)
			VALUES ('bar', 'extract', 0.9, 0.05, 0.95, 60, 0, 'm', 'x', '', 's', 'ollama 1', 'c', 100, 0.6, 1, 'mei')`)
		for _, set := range []string{`server = ''`, `calibration = ''`, `cases = 60`, `share = 1`, `certified_by = 'scanner'`, `certified_at = 2`, `model_name = 'n'`} {
			refused(t, db, set, `UPDATE bars SET voided_at = 2, `+set)
		}
		must(t, db, `UPDATE bars SET voided_at = 2, void_reason = 'new prompt'`)
	})
}
