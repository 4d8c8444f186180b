package collect

import (
	"errors"
	"slices"

	"kontor/internal/hub"
)

// errAmbiguous says that a report's word on a payment may be meant for another, and that it matters which: it waits for a person.
var errAmbiguous = errors.New("several payments agree with what the report says of one")

// A report may name a payment by words that several agree with, NOTPROVIDED and nothing else for example. Whom a mention is given to
// is then a guess, unless it makes no difference: the payments are alike in everything, or all of them were given the same status. So each
// payment is noted with the mentions that agree with it and do not say less of it than the one it was given: about those it might be as well.

// note adds a payment to the candidates of the mentions that repeat it as one of these repetitions does. heard is what it was given.
func (w *mentions) note(v *verdict, like mention, repetitions []mention, heard opinion) {
	alike, number := v.alikeTo(like), w.number(heard)
	for _, repeated := range repetitions {
		at, found := slices.BinarySearchFunc(w.all, mention{key: like.key, exact: v.exact(repeated)}, compareMentions)
		if found {
			w.see(&w.all[at].about, alike, number)
		}
	}
}

// see adds a payment to candidates.
func (w *mentions) see(c *candidates, alike uint64, heard uint32) {
	if c.one == 0 {
		c.one, c.heard = alike, heard
		return
	}
	c.several = c.several || alike != c.one
	one, other := w.opinions[c.heard], w.opinions[heard]
	c.differ = c.differ || one.status != other.status
	c.reasons = c.reasons || one.reason != other.reason
}

// takenLoosely notes that a mention was taken which repeats the payment in none of the usual ways: it names an instruction that the payment
// does not have, or an amount of another currency.
func (w *mentions) takenLoosely(key, exact uint64) {
	at, _ := slices.BinarySearchFunc(w.all, mention{key: key, exact: exact}, compareMentions)
	if !slices.Contains(w.loose, at) {
		w.loose = append(w.loose, at)
	}
}

// maxLoose limits the comparisons of payments with mentions that were taken loosely. Beyond it a report waits for a person.
const (
	maxLoose       = 256
	maxComparisons = 4_000_000
)

// noteLoose adds all payments to the candidates of mentions that were taken loosely: visit goes through the payments that were given an
// opinion, with it. It returns false when that would be too much to compare.
func (w *mentions) noteLoose(v *verdict, visit func(f func(p *hub.Payment, heard opinion)) error) (within bool, err error) {
	if len(w.loose) > maxLoose {
		return false, nil
	}
	comparisons := 0
	err = visit(func(p *hub.Payment, heard opinion) {
		like := v.like(p)
		for _, at := range w.loose {
			if comparisons++; comparisons > maxComparisons {
				return
			}
			if x := &w.all[at]; x.key == like.key && x.agrees(like) {
				w.see(&x.about, v.alikeTo(like), w.number(heard))
			}
		}
	})
	return comparisons <= maxComparisons, err
}

// ambiguous says whether any mention may be about several payments and it matters about which.
func (w *mentions) ambiguous() bool {
	return slices.ContainsFunc(w.all, func(x mention) bool { return x.about.several && x.about.differ })
}
