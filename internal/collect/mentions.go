package collect

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"kontor/account"
	"kontor/internal/hub"
	"kontor/iso20022/pain"
	"kontor/money"
)

// mention is one transaction of a report: what it says, and what it repeats of the payment it speaks of. Hashes are 0 for what it does not
// name.
type mention struct {
	key         uint64 // batch and end-to-end id
	exact       uint64 // instruction, amount, accounts, mandate
	instruction uint64
	debtor      uint64
	creditor    uint64
	mandate     uint64
	amount      money.Amount // zero: it names none, or none that can be compared
	opinion     uint32
	used        bool
	next        int32 // of the first mention of an equal key: all before it are used; of an equal exact: likewise
	nextExact   int32

	about candidates // of the first mention of an equal exact
}

// candidates are the payments that mentions of equal words may be about: whether it matters which of them is meant.
type candidates struct {
	one     uint64 // what the first of them is like; 0 = there is none
	heard   uint32 // the opinion that the first of them was given
	several bool   // they are not alike
	differ  bool   // they were given different statuses
	reasons bool   // they were given different reasons
}

// mentions are the transactions of a report, sorted by key and exact, so that a payment's own is found by bisection.
type mentions struct {
	all      []mention
	opinions []opinion
	indexOf  map[opinion]uint32
	named    map[name]struct{}
	ranges   map[int]*equals // by where they begin
	loose    []int           // first mentions of equal words that were taken though they do not repeat the payment exactly
}

// name is what a report names of a file: a batch, or a payment by the ids and one account.
type name struct{ key, debtor, creditor uint64 }

func (w *mentions) name(key, debtor, creditor uint64) {
	if w.named == nil {
		w.named = map[name]struct{}{}
	}
	w.named[name{key, debtor, creditor}] = struct{}{}
}

// maxMentions limits the transactions of one report: ten times the payments of the largest files that banks take.
const maxMentions = 1_000_000

func (w *mentions) add(v *verdict, batch string, t *pain.StatusTransaction) error {
	if len(w.all) >= maxMentions {
		return fmt.Errorf("a report of more than %d transactions", maxMentions)
	}
	x := mention{key: v.hash(batch, t.OriginalEndToEndID)}
	for _, part := range []struct {
		text string
		into *uint64
	}{
		{t.OriginalInstructionID, &x.instruction}, {account.NormaliseIBAN(t.DebtorAccount), &x.debtor},
		{account.NormaliseIBAN(t.CreditorAccount), &x.creditor}, {t.MandateID, &x.mandate},
	} {
		if part.text != "" {
			*part.into = v.hash(part.text)
		}
	}
	if amount, err := money.ParseReported(t.Amount, money.Currency(t.Currency)); t.Amount != "" && err == nil {
		x.amount = amount
	}
	x.exact = v.exact(x)
	x.opinion = w.number(opinion{t.Status, firstReason(t.Reasons)})
	w.all = append(w.all, x)
	w.name(x.key, x.debtor, x.creditor)
	return nil
}

// number keeps an opinion once and returns its place.
func (w *mentions) number(o opinion) uint32 {
	if w.indexOf == nil {
		w.indexOf = map[opinion]uint32{}
	}
	n, known := w.indexOf[o]
	if !known {
		n = uint32(len(w.opinions))
		w.indexOf[o], w.opinions = n, append(w.opinions, o)
	}
	return n
}

// again has every mention count once more.
func (w *mentions) again() {
	w.loose = nil
	for i := range w.all {
		w.all[i].used, w.all[i].about = false, candidates{}
	}
	w.sort()
}

// repeat takes the mention that repeats a payment's status, when the report speaks of all payments that are alike: alike is how many. A
// report that speaks of fewer does not repeat, it speaks of those without a last word.
func (w *mentions) repeat(v *verdict, p *hub.Payment, alike int) {
	like := v.like(p)
	for _, repeated := range like.repetitions() {
		r, found := w.equal(like.key, v.exact(repeated))
		if !found {
			continue
		}
		if r.end-r.at < alike {
			return
		}
		for i := max(r.at, r.next[p.BankStatus]); i < r.end; i++ {
			if x := &w.all[i]; !x.used && string(w.opinions[x.opinion].status) == p.BankStatus {
				x.used, r.next[p.BankStatus] = true, i+1
				return
			}
		}
		r.next[p.BankStatus] = r.end
		return
	}
}

// equals are the mentions that repeat the same.
type equals struct {
	at, end int
	next    map[string]int // by status: all of it before are used
}

// equal finds the mentions of a key that repeat the same; each such range is measured once.
func (w *mentions) equal(key, exact uint64) (*equals, bool) {
	at, found := slices.BinarySearchFunc(w.all, mention{key: key, exact: exact}, compareMentions)
	if !found {
		return nil, false
	}
	if w.ranges == nil {
		w.ranges = map[int]*equals{}
	}
	r := w.ranges[at]
	if r == nil {
		r = &equals{at: at, end: at, next: map[string]int{}}
		for r.end < len(w.all) && w.all[r.end].key == key && w.all[r.end].exact == exact {
			r.end++
		}
		w.ranges[at] = r
	}
	return r, true
}

func compareMentions(x, like mention) int {
	return cmp.Or(cmp.Compare(x.key, like.key), cmp.Compare(x.exact, like.exact))
}

// exact is the hash of all that a mention repeats of a payment but its key.
func (v *verdict) exact(x mention) uint64 {
	repeated := struct {
		instruction, debtor, creditor, mandate uint64
		amount                                 money.Amount
	}{x.instruction, x.debtor, x.creditor, x.mandate, x.amount}
	return max(1, maphash.Comparable(v.seed, repeated))
}

// sort keeps equal mentions in the order of the report.
func (w *mentions) sort() {
	slices.SortStableFunc(w.all, compareMentions)
	for i := range w.all {
		w.all[i].next, w.all[i].nextExact = int32(i), int32(i)
	}
}

// take finds the mention about a payment, at most once. End-to-end ids need not be unique (NOTPROVIDED), hence whatever else the report
// repeats of the payment must agree: first a mention that repeats most of it, then any that does not contradict. tried is how many of the
// payment's repetitions were looked for.
func (w *mentions) take(v *verdict, like mention, repetitions []mention) (o opinion, tried int, found bool) {
	key := like.key
	from, named := w.names(key)
	if !named {
		return opinion{}, 0, false
	}
	for i, repeated := range repetitions {
		if o, found := w.takeExact(key, v.exact(repeated)); found {
			return o, i + 1, true
		}
	}
	first := &w.all[from]
	for int(first.next) < len(w.all) && w.all[first.next].key == key && w.all[first.next].used {
		first.next++
	}
	for i := int(first.next); i < len(w.all) && w.all[i].key == key; i++ {
		if x := &w.all[i]; !x.used && x.agrees(like) {
			x.used = true
			w.takenLoosely(key, x.exact)
			return w.opinions[x.opinion], len(repetitions), true
		}
	}
	return opinion{}, len(repetitions), false
}

// names says whether any mention has this key, and which is the first.
func (w *mentions) names(key uint64) (first int, found bool) {
	return slices.BinarySearchFunc(w.all, key, func(x mention, key uint64) int { return cmp.Compare(x.key, key) })
}

// like is the mention that repeats all of a payment.
func (v *verdict) like(p *hub.Payment) mention {
	like := mention{
		key: v.hash(p.PaymentInformationID, p.EndToEndID), debtor: v.hash(account.NormaliseIBAN(p.DebtorAccount)),
		creditor: v.hash(account.NormaliseIBAN(p.CreditorAccount)), amount: p.Amount,
	}
	if p.InstructionID != "" {
		like.instruction = v.hash(p.InstructionID)
	}
	if p.MandateID != "" {
		like.mandate = v.hash(p.MandateID)
	}
	return like
}

// repetitions are what a report may repeat of a payment: all of it first, then less and less. Each is tried once.
func (x mention) repetitions() []mention {
	out := []mention{x}
	for _, drop := range []func(*mention) *uint64{
		func(m *mention) *uint64 { return &m.creditor }, func(m *mention) *uint64 { return &m.debtor },
		func(m *mention) *uint64 { return &m.mandate }, func(m *mention) *uint64 { return &m.instruction },
	} {
		for _, m := range out[:len(out):len(out)] {
			if part := drop(&m); *part != 0 {
				*part = 0
				out = append(out, m)
			}
		}
	}
	for _, m := range out[:len(out):len(out)] {
		m.amount = money.Amount{}
		out = append(out, m)
	}
	return out
}

func (w *mentions) takeExact(key, exact uint64) (opinion, bool) {
	at, found := slices.BinarySearchFunc(w.all, mention{key: key, exact: exact}, compareMentions)
	if !found {
		return opinion{}, false
	}
	first := &w.all[at]
	for ; int(first.nextExact) < len(w.all); first.nextExact++ {
		x := &w.all[first.nextExact]
		if x.key != key || x.exact != exact {
			break
		}
		if !x.used {
			x.used = true
			return w.opinions[x.opinion], true
		}
	}
	return opinion{}, false
}

// agrees says whether what a mention repeats of the original agrees with the payment.
func (x *mention) agrees(p mention) bool {
	if x.instruction != 0 && p.instruction != 0 && x.instruction != p.instruction {
		return false
	}
	if x.mandate != 0 && p.mandate != 0 && x.mandate != p.mandate {
		return false
	}
	if (x.creditor != 0 && x.creditor != p.creditor) || (x.debtor != 0 && x.debtor != p.debtor) {
		return false
	}
	// The equivalent amount of another currency cannot be compared.
	return x.amount == (money.Amount{}) || x.amount.Currency != p.amount.Currency || x.amount == p.amount
}

// missing returns what a report names and a file must hold to be meant: batches and payments, with the account of the file's owner where
// the report names it. That account tells apart two tenants who number their files and payments alike.
func (v *verdict) missing(ownsCreditor bool) *wanted {
	w := &wanted{v: v, ownsCreditor: ownsCreditor, left: make(map[name]struct{}, len(v.mentions.named))}
	for n := range v.mentions.named {
		if ownsCreditor {
			n.debtor = 0
		} else {
			n.creditor = 0
		}
		w.left[n] = struct{}{}
	}
	return w
}

// wanted is what is still to be found in a file.
type wanted struct {
	v            *verdict
	ownsCreditor bool // direct debits: the creditor account is the owner's
	left         map[name]struct{}
}

func (w *wanted) see(p *hub.Payment) {
	own := name{debtor: w.v.hash(account.NormaliseIBAN(p.DebtorAccount))}
	if w.ownsCreditor {
		own = name{creditor: w.v.hash(account.NormaliseIBAN(p.CreditorAccount))}
	}
	own.key = w.v.hash(p.PaymentInformationID, p.EndToEndID)
	delete(w.left, own)
	delete(w.left, name{key: own.key})
	delete(w.left, name{key: w.v.hash(p.PaymentInformationID)})
}
