package cancellation

import (
	"math"
	"strconv"

	"kontor/money"
)

// Agreement is what a comparison of totals says.
type Agreement uint8

// The agreements. NotCompared: nothing is declared, or the message does not say enough.
const (
	NotCompared Agreement = iota
	Agrees
	Differs
)

// String returns "not compared", "agrees" or "differs".
func (a Agreement) String() string {
	switch a {
	case Agrees:
		return "agrees"
	case Differs:
		return "differs"
	case NotCompared:
	}
	return "not compared"
}

// Totals are what a request declares of itself (CtrlData) and what it holds. Senders
// differ in whether what they cancel as a whole, without listing its transactions,
// counts: both ways of counting agree.
type Totals struct {
	DeclaredCount string // "" if absent
	DeclaredSum   string // "" if absent

	Count    int         // transactions listed
	Sum      money.Total // of their amounts, irrespective of currency
	Unsummed int         // transactions listed whose amount is missing or not readable

	Whole          int         // batches without transactions, and messages without batches, that are cancelled as a whole
	WholeCount     int64       // of what they declare of themselves
	WholeSum       money.Total // likewise
	WholeUncounted int         // of Whole, without a readable NbOfTxs
	WholeUnsummed  int         // of Whole, without a readable CtrlSum
}

// CompareCount compares CtrlData/NbOfTxs.
func (t *Totals) CompareCount() Agreement {
	if t.DeclaredCount == "" {
		return NotCompared
	}
	declared, ok := count(t.DeclaredCount)
	listed := int64(t.Count)
	switch {
	case !ok || declared < listed:
		return Differs
	case declared == listed:
		return Agrees
	case t.WholeUncounted > 0:
		return NotCompared
	case declared-listed == t.WholeCount && t.Whole > 0:
		return Agrees
	}
	return Differs
}

// CompareSum compares CtrlData/CtrlSum, by value: 100 agrees with 100.00.
func (t *Totals) CompareSum() Agreement {
	if t.DeclaredSum == "" {
		return NotCompared
	}
	same, err := t.Sum.Equal(t.DeclaredSum)
	switch {
	case err != nil:
		return Differs
	case t.Unsummed > 0:
		return NotCompared
	case same:
		return Agrees
	case t.Whole == 0:
		return Differs
	case t.WholeUnsummed > 0:
		return NotCompared
	}
	all := t.Sum
	if err := all.Add(t.WholeSum.String()); err != nil {
		return NotCompared
	}
	if same, err = all.Equal(t.DeclaredSum); err != nil || !same {
		return Differs
	}
	return Agrees
}

// count reads Max15NumericText.
func count(text string) (int64, bool) {
	const digits = 15
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' || i >= digits {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// tally counts a request as it goes by. Whether a batch or group is cancelled as a whole
// shows only when the next one comes.
type tally struct {
	totals  Totals
	pending whole // the last batch, or a group before its first
}

// whole is what a batch or group says of itself.
type whole struct {
	of         level // levelGroup, levelBatch, or none
	count, sum string
}

// group begins a group. Cancel No without batches cancels nothing.
func (y *tally) group(g *RequestGroup) {
	y.end()
	if !g.isZero() && g.Cancel != No {
		y.pending = whole{levelGroup, g.Count, g.Sum}
	}
}

func (y *tally) batch(b *RequestBatch) {
	if y.pending.of == levelBatch {
		y.end()
	}
	y.pending = whole{}
	if b.Cancel != No {
		y.pending = whole{levelBatch, b.Count, b.Sum}
	}
}

func (y *tally) transaction(t *RequestTransaction) {
	y.pending = whole{}
	y.totals.Count++
	if err := y.totals.Sum.Add(t.Original.Amount); err != nil {
		y.totals.Unsummed++
	}
}

// end counts what turned out to be whole.
func (y *tally) end() {
	if y.pending.of != levelMessage {
		y.totals.addWhole(y.pending)
	}
	y.pending = whole{}
}

func (t *Totals) addWhole(w whole) {
	t.Whole++
	if n, ok := count(w.count); ok && t.WholeCount < math.MaxInt64-n {
		t.WholeCount += n
	} else {
		t.WholeUncounted++
	}
	if err := t.WholeSum.Add(w.sum); err != nil {
		t.WholeUnsummed++
	}
}
