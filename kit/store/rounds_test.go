package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// seatOf is a row of reviews in the round of a case.
func seatOf(id, caseID string, seat, quorum int, kind string) string {
	return fmt.Sprintf(`INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, epoch, lease_until,
		round, seat, quorum, kind) VALUES ('%s', '%s', 'check', 'd-%s', 'open', 0, 0.5, 1, 0, 0, 'round-%s', %d, %d, '%s')`,
		id, caseID, caseID, caseID, seat, quorum, kind)
}

// says is a standing decision on a review of a case.
func says(id, reviewID, caseID, user, verdict, value string) string {
	row := decision(id, caseID, user, "person", verdict, verdict == "approve" || verdict == "edit")
	row = strings.Replace(row, "'r-"+caseID+"'", "'"+reviewID+"'", 1)
	return strings.Replace(row, "'s', '{}'", "'s', '"+value+"'", 1)
}

// ends is the end of a review.
func ends(t *testing.T, db *store.DB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		must(t, db, `UPDATE reviews SET state = 'decided' WHERE id = ?`, id)
	}
}

// rounds makes a case with a round of two.
func rounds(t *testing.T, db *store.DB) {
	t.Helper()
	seed(t, db, "c")
	ends(t, db, "r-c")
	for _, name := range []string{"ann", "bob", "eve"} {
		addUser(t, db, name, "person")
	}
	must(t, db, seatOf("one", "c", 1, 2, "first"))
	must(t, db, seatOf("two", "c", 2, 2, "first"))
}

func TestADeliveryNeedsAsManyPeopleAsItsRoundHasSeats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rounds(t, db)
		must(t, db, says("a", "one", "c", "ann", "approve", `{"n":1}`))
		ends(t, db, "one")
		refused(t, db, "a delivery by one of two", delivery("x", "c", "a", true))
		refused(t, db, "one person in two seats", says("b", "two", "c", "ann", "approve", `{"n":1}`))
		must(t, db, says("b", "two", "c", "bob", "edit", `{"n":2}`))
		ends(t, db, "two")
		refused(t, db, "a delivery of two who disagree", delivery("x", "c", "b", true))
		must(t, db, `UPDATE decisions SET undone_at = 2 WHERE id = 'b'`)
		must(t, db, says("c", "two", "c", "bob", "approve", `{"n":1}`))
		must(t, db, seatOf("look", "c", 3, 2, "second"))
		refused(t, db, "a delivery before the second look", delivery("x", "c", "c", true))
		ends(t, db, "look")
		refused(t, db, "a delivery whose second look ended undecided", delivery("x", "c", "c", true))
		refused(t, db, "a second look away", "DELETE FROM reviews WHERE id = 'look'")
		must(t, db, says("d", "look", "c", "eve", "approve", `{"n":1}`))
		must(t, db, delivery("x", "c", "c", true))
		refused(t, db, "undoing the other seat of what was delivered", `UPDATE decisions SET undone_at = 3 WHERE id = 'a'`)
	})
}

func TestWhoSettlesADisagreementReleasesAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rounds(t, db)
		must(t, db, says("a", "one", "c", "ann", "approve", `{"n":1}`))
		must(t, db, says("b", "two", "c", "bob", "reject", `null`))
		ends(t, db, "one", "two")
		refused(t, db, "a delivery of a disagreement", delivery("x", "c", "a", true))
		must(t, db, seatOf("three", "c", 3, 2, "adjudication"))
		refused(t, db, "settling one's own disagreement", says("c", "three", "c", "bob", "approve", `{"n":3}`))
		must(t, db, says("c", "three", "c", "eve", "edit", `{"n":3}`))
		ends(t, db, "three")
		refused(t, db, "a delivery of who was overruled", delivery("x", "c", "a", true))
		must(t, db, delivery("x", "c", "c", true))
	})
}

func TestASecondLookThatDisagreesHoldsTheDeliveryBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "c")
		ends(t, db, "r-c")
		addUser(t, db, "ann", "person")
		must(t, db, seatOf("one", "c", 1, 1, "first"))
		must(t, db, seatOf("two", "c", 2, 1, "second"))
		must(t, db, says("a", "one", "c", "ann", "approve", `{"n":1}`))
		must(t, db, says("b", "two", "c", "mei", "edit", `{"n":2}`))
		ends(t, db, "one", "two")
		refused(t, db, "a delivery against the second look", delivery("x", "c", "a", true))
		must(t, db, `UPDATE decisions SET undone_at = 2 WHERE id = 'b'`)
		must(t, db, says("c", "two", "c", "mei", "approve", `{"n":1}`))
		must(t, db, delivery("x", "c", "c", true))
	})
}

func TestWhoIsKeptFromAReviewDoesNotDecideIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rounds(t, db)
		must(t, db, `INSERT INTO barred (review_id, user_id, why) VALUES ('one', 'eve', 'submitted')`)
		refused(t, db, "a decision by who is kept from it", says("a", "one", "c", "eve", "approve", `{}`))
		refused(t, db, "letting in who is kept from it", `DELETE FROM barred`)
		refused(t, db, "letting in who is kept from it by another", `UPDATE barred SET user_id = 'ann'`)
		must(t, db, says("a", "two", "c", "eve", "approve", `{}`))
	})
}

func TestARoundStaysAsItWasOpened(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rounds(t, db)
		for _, set := range []string{"quorum = 1", "round = 'other'", "seat = 5", "kind = 'adjudication'", "draft_id = 'd-x'", "case_id = 'x'"} {
			refused(t, db, "another "+set, "UPDATE reviews SET "+set+" WHERE id = 'one'")
		}
		refused(t, db, "a seat with another quorum", seatOf("three", "c", 3, 1, "first"))
		must(t, db, says("a", "one", "c", "ann", "return", `{"n":1}`))
		for _, set := range []string{`fields = '{"n":"changed"}'`, `redraft = '["n"]'`, `stood = '["a"]'`, `seconds = 1`} {
			refused(t, db, "another "+set, "UPDATE decisions SET undone_at = 2, "+set+" WHERE id = 'a'")
		}
	})
}
