package bank

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics/hac"
	"kontor/iso20022/pain"
	"kontor/money"
	"kontor/sandbox/bank/books"
	"kontor/xmlscan"
)

// accept ends an order well: FINAL_POS, then its payments are executed on the
// business date and reported (CRZ, CDZ).
func (b *bank) accept(ctx context.Context, tx *books.Tx, order *books.Order) error {
	if err := tx.MoveOrder(ctx, order.Partner, order.ID, books.Executed, ""); err != nil {
		return err
	}
	order.State = books.Executed
	day, err := businessDate(ctx, tx)
	if err != nil {
		return err
	}
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return err
	}
	posting, err := tx.Posting(ctx)
	if err != nil {
		return err
	}
	x := execution{
		day: day, order: *order, service: uploads[order.Type], known: make(map[string]*reach, len(accounts)),
		post: func(e books.Entry) error { return posting.Post(ctx, e) },
		due:  func(e books.Entry) error { return tx.AddDue(ctx, e) },
	}
	for _, a := range accounts {
		x.known[string(a.IBAN)] = &reach{a, a.Balance, a.Balance}
	}
	message, err := x.read(pain.Visitor{Payment: x.payment, Batch: x.endBatch})
	if err = errors.Join(err, posting.Close(ctx)); err != nil {
		return fmt.Errorf("executing order %s: %w", order.ID, err)
	}
	x.message = message.Version
	if err := b.final(ctx, tx, *order, hac.FinalPositive, "", x.references()...); err != nil {
		return err
	}
	return b.reportStatus(ctx, tx, &x)
}

// verdict is what becomes of one payment; the text is its reason code.
type verdict uint8

const (
	settled verdict = iota
	noAccount
	closedAccount
	noMandate
	noMoney
	refusedByDebtor
	tooMuch
	otherCurrency
)

var verdictReasons = [...]string{
	settled: "", noAccount: "AC01", closedAccount: "AC04", noMandate: "MD01", noMoney: "AM04", refusedByDebtor: "MS03", tooMuch: "AM02", otherCurrency: "AM03",
}

// debtorFaults are the account numbers that make a direct debit fail. Of credit
// transfers only NoAccountSuffix is looked at.
var debtorFaults = map[string]verdict{
	NoAccountSuffix: noAccount, ClosedSuffix: closedAccount, NoMandateSuffix: noMandate, NoMoneySuffix: noMoney, RefusedSuffix: refusedByDebtor,
}

// execution books one order. It goes through the order twice, since a status
// report begins with what is known only at the end; its memory is a byte for
// each payment and a little for each batch.
type execution struct {
	day     calendar.Date
	order   books.Order
	service service
	known   map[string]*reach
	post    func(books.Entry) error
	due     func(books.Entry) error // on a later day

	own      books.Entry // the booking of the batch being read, on the account of whose order it is
	settled  int         // payments of that batch
	verdicts []verdict   // by ordinal of the payment
	batches  []batchResult
	good     int    // payments of the message
	message  string // its name and version
}

// batchResult is what became of one payment information.
type batchResult struct {
	id      string
	settled int
	total   int
}

// reach is an account of this bank and between which balances the order can
// move it, in whatever sequence its entries are posted.
type reach struct {
	books.Account
	lowest, highest money.Amount
}

func (x *execution) read(v pain.Visitor) (pain.Message, error) {
	message, _, err := pain.Read(x.order.Data.Open(), pain.Options{Limits: xmlscan.Limits{Bytes: x.order.Data.Size + 1}}, v)
	return message, err
}

// references names the first batches of the order for the protocol.
func (x *execution) references() (lines []string) {
	const most = 100
	for i, batch := range x.batches {
		if i == most {
			return append(lines, fmt.Sprintf("Sammlerreferenz : %d weitere", len(x.batches)-most))
		}
		lines = append(lines, "Sammlerreferenz : "+batch.id)
	}
	return lines
}

// judge decides about a payment: other is the account of the other party, which
// may be at another bank.
func (x *execution) judge(p *pain.Payment, own, other *reach, otherAccount string) verdict {
	from, to := own, other
	if x.service.kind == pain.KindDirectDebit {
		from, to = other, own
		if len(otherAccount) >= len(NoAccountSuffix) {
			if fault := debtorFaults[otherAccount[len(otherAccount)-len(NoAccountSuffix):]]; fault != settled {
				return fault
			}
		}
	} else if strings.HasSuffix(otherAccount, NoAccountSuffix) {
		return noAccount
	}
	switch {
	case own == nil, p.Amount.Currency != own.Balance.Currency, other != nil && other.Balance.Currency != p.Amount.Currency:
		return otherCurrency
	case !x.fits(p.Amount, from, to):
		return tooMuch
	}
	return settled
}

// payment decides about one payment, and books it on the other party's account
// if that is at this bank.
func (x *execution) payment(p *pain.Payment) error {
	collects := x.service.kind == pain.KindDirectDebit
	ownAccount, name, otherName, otherAccount := p.Batch.OwnAccount(), p.Batch.Debtor, p.Creditor, p.CreditorAccount
	if collects {
		name, otherName, otherAccount = p.Batch.Creditor, p.Debtor, p.DebtorAccount
	}
	own, other := x.known[ownAccount], x.known[otherAccount]
	v := x.judge(p, own, other, otherAccount)
	x.verdicts = append(x.verdicts, v)
	if v != settled {
		return nil
	}
	x.settled++
	x.good++
	mine := books.Entry{
		IBAN: own.IBAN, Day: x.day, Kind: x.service.scheme, Credit: collects, Amount: p.Amount, MessageID: x.order.MessageID,
		PaymentInformationID: p.Batch.PaymentInformationID, EndToEndID: p.EndToEndID,
		Counterparty: otherName, CounterpartyAccount: otherAccount, Remittance: p.Remittance, Transactions: 1,
	}
	if x.settled == 1 {
		x.own = mine
	} else {
		sum, err := x.own.Amount.Add(p.Amount)
		if err != nil {
			return err
		}
		x.own.Amount = sum
	}
	entries := []books.Entry{mine}
	if other != nil {
		theirs := books.Entry{
			IBAN: other.IBAN, Day: x.day, Kind: x.service.scheme, Credit: !collects, Amount: p.Amount, MessageID: x.order.MessageID, EndToEndID: p.EndToEndID,
			Counterparty: name, CounterpartyAccount: ownAccount, Remittance: p.Remittance, Transactions: 1,
		}
		if err := x.post(theirs); err != nil {
			return err
		}
		entries = append(entries, theirs)
	}
	if !collects || !strings.HasSuffix(otherAccount, ReturnedSuffix) {
		return nil
	}
	return x.giveBack(entries)
}

// giveBack takes the entries of a collection back on the next day: the debtor
// of a CORE collection asks for the money, the bank of a B2B debtor refuses.
func (x *execution) giveBack(entries []books.Entry) error {
	reason := "MD06"
	if x.service.scheme == books.B2B {
		reason = "MS03"
	}
	for _, e := range entries {
		e.Kind, e.Day, e.Credit, e.ReturnReason = x.service.returned, x.day.AddDays(1), !e.Credit, reason
		if err := x.due(e); err != nil {
			return err
		}
	}
	return nil
}

// fits says whether the books can hold the payment beside those before it, and
// notes that they will. Without it a sum beyond int64 would make an order that
// everybody has signed impossible to execute. An account at another bank is nil;
// one of the two is the account whose batch is booked as a sum.
func (x *execution) fits(amount money.Amount, from, to *reach) bool {
	if x.settled > 0 {
		if _, err := x.own.Amount.Add(amount); err != nil {
			return false
		}
	}
	move, err := amount.Negate()
	if err != nil {
		return false
	}
	var lowest, highest money.Amount
	if from != nil {
		if lowest, err = from.lowest.Add(move); err != nil {
			return false
		}
	}
	if to != nil {
		if highest, err = to.highest.Add(amount); err != nil {
			return false
		}
		to.highest = highest
	}
	if from != nil {
		from.lowest = lowest
	}
	return true
}

// endBatch books one entry for the whole payment information.
func (x *execution) endBatch(p *pain.Batch) error {
	settledNow := x.settled
	x.settled = 0
	x.batches = append(x.batches, batchResult{p.PaymentInformationID, settledNow, p.Count})
	if settledNow == 0 {
		return nil
	}
	x.own.Transactions = settledNow
	if settledNow > 1 {
		x.own.EndToEndID, x.own.Counterparty, x.own.CounterpartyAccount, x.own.Remittance = "", "", "", ""
	}
	return x.post(x.own)
}

// noSuchAccount says whether an IBAN is one of those that exist nowhere.
func noSuchAccount(iban account.IBAN) bool { return strings.HasSuffix(string(iban), NoAccountSuffix) }
