package collect

import (
	"context"
	"slices"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/iso20022/pain"
)

// unplaced is a last word of a report that no payment has taken.
type unplaced struct {
	mention
	executed bool
}

// placed fails with errAmbiguous when the report has a last word on a payment that no payment has taken, and none that agrees with it has that
// word, from this report or before. The bank then repeats something else of it than was ordered, an amount after charges for example, or says
// two things of it. A payment that was executed would otherwise count as rejected with the rest of its batch, and its repeat would be free.
// A rejection that comes after a payment's last word is no such word: the first stands.
func (v *verdict) placed(visit payments, heard []opinion) error {
	words := v.unplaced()
	if len(words) == 0 {
		return nil
	}
	n, comparisons := 0, 0
	err := visit(func(p *hub.Payment) {
		became := pain.Status(p.BankStatus)
		if o := v.heard(p, heard[n]); o.status != "" {
			became = o.status
		}
		n++
		like := v.like(p)
		waiting := words[like.key]
		if len(waiting) == 0 || comparisons > maxComparisons {
			return
		}
		comparisons += len(waiting)
		words[like.key] = slices.DeleteFunc(waiting, func(x unplaced) bool {
			if !x.agrees(like) {
				return false
			}
			if x.executed {
				return confirming(became, v.profile)
			}
			return became == pain.StatusRJCT || settled(p)
		})
	})
	if err != nil {
		return err
	}
	for _, waiting := range words {
		if len(waiting) > 0 {
			return errAmbiguous
		}
	}
	return nil
}

// unplaced returns the last words that nobody has taken, by the key of their payments. Equal ones are there once.
func (v *verdict) unplaced() map[uint64][]unplaced {
	type said struct {
		key, exact uint64
		executed   bool
	}
	once, out := map[said]bool{}, map[uint64][]unplaced{}
	for _, x := range v.mentions.all {
		s := said{x.key, x.exact, confirming(v.mentions.opinions[x.opinion].status, v.profile)}
		if x.used || once[s] || !v.last(v.mentions.opinions[x.opinion].status) {
			continue
		}
		once[s] = true
		out[x.key] = append(out[x.key], unplaced{x, s.executed})
	}
	return out
}

// withoutGuessedReasons takes the reasons from payments whose status is certain and whose reason is not: the report has several rejections that
// may be meant for any of them.
func (v *verdict) withoutGuessedReasons(visit payments, heard []opinion) error {
	guessed := map[uint64]bool{}
	for _, x := range v.mentions.all {
		if x.about.several && x.about.reasons {
			guessed[x.key] = true
		}
	}
	if len(guessed) == 0 {
		return nil
	}
	n := 0
	return visit(func(p *hub.Payment) {
		if guessed[v.like(p).key] {
			heard[n].reason = ""
		}
		n++
	})
}

// unopposed fails with errAmbiguous when a file would be rejected as a whole, and thus be free to be sent again, while a report that waits for a
// person says of the same message that something is executed.
func (v *verdict) unopposed(ctx context.Context, tx *store.Tx, contact hub.Contact, visit payments, heard []opinion) error {
	rejects := func(o opinion) bool { return o.status == pain.StatusRJCT }
	if !slices.ContainsFunc(heard, rejects) {
		return nil
	}
	var total tally
	n := 0
	err := visit(func(p *hub.Payment) {
		became := pain.Status(p.BankStatus)
		if o := v.heard(p, heard[n]); o.status != "" {
			became = o.status
		}
		n++
		total.count(v, became)
	})
	if err != nil || total.rejected == 0 || total.confirmed+total.undecided > 0 {
		return err
	}
	waiting, err := tx.QuarantineOf(ctx, contact.Owner, contact.ID, reasonAmbiguousMessage, reasonAmbiguousPayment)
	if err != nil {
		return err
	}
	opposes := func(q hub.Quarantined) bool { return q.Detail.Executed && q.Detail.Key == v.report.OriginalMessageID }
	if slices.ContainsFunc(waiting, opposes) {
		return errAmbiguous
	}
	return nil
}
