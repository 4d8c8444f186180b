package bank

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/iso20022/pain"
	"kontor/money"
	"kontor/sandbox/bank/books"
	"kontor/xmlscan"
)

// accept ends an order well: FINAL_POS, then its payments are executed on the
// business date and reported (CRZ).
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
	x := execution{day: day, known: make(map[string]*reach, len(accounts))}
	for _, a := range accounts {
		x.known[string(a.IBAN)] = &reach{a, a.Balance, a.Balance}
	}
	if err := x.read(order.Data); err != nil {
		return fmt.Errorf("executing order %s: %w", order.ID, err)
	}
	if err := b.final(ctx, tx, *order, hac.FinalPositive, "", x.references()...); err != nil {
		return err
	}
	for _, e := range x.entries {
		if err := tx.Post(ctx, e); err != nil {
			return fmt.Errorf("executing order %s: %w", order.ID, err)
		}
	}
	return b.reportStatus(ctx, tx, order, &x)
}

// reportStatus makes the status report of an executed order available.
func (b *bank) reportStatus(ctx context.Context, tx *books.Tx, order *books.Order, x *execution) error {
	x.report.MessageID = fmt.Sprintf("CRZ%s%s%.8s", strings.ReplaceAll(x.day.String(), "-", ""), order.ID, order.TransactionID)
	x.report.CreationDateTime = stamp(b.now())
	var out bytes.Buffer
	if err := pain.WriteStatus(&out, x.report); err != nil {
		return fmt.Errorf("reporting order %s: %w", order.ID, err)
	}
	return tx.AddDocument(ctx, books.Document{
		Partner: order.Partner, OrderType: ebics.CRZ, Day: x.day, Content: out.Bytes(),
		Name: fmt.Sprintf("%s_CRZ_%s_%.8s.xml", x.day, order.ID, order.TransactionID),
	})
}

// execution gathers what executing one order means: the bookings and the
// report.
type execution struct {
	day     calendar.Date
	known   map[string]*reach
	report  pain.StatusReport
	entries []books.Entry

	batch   pain.StatusBatch // of the payment information being read
	debit   books.Entry      // its booking
	credits []books.Entry    // of accounts at this bank
	settled int
	total   int // payments of the message
	good    int
}

// reach is an account of this bank and between which balances the order can
// move it, in whatever sequence its entries are posted.
type reach struct {
	books.Account
	lowest, highest money.Amount
}

// read goes through the order's payments in memory proportional to the report.
func (x *execution) read(data []byte) error {
	message, _, err := pain.Read(bytes.NewReader(data), pain.Options{Limits: xmlscan.Limits{Bytes: int64(len(data)) + 1}},
		pain.Visitor{Payment: x.payment, Batch: x.endBatch})
	if err != nil {
		return err
	}
	x.report.Version = "pain.002.001.10"
	if message.Version == "pain.001.001.03" {
		x.report.Version = "pain.002.001.03"
	}
	x.report.OriginalMessageID, x.report.OriginalMessageName = message.MessageID, message.Version
	x.report.GroupStatus = groupStatus(x.good, x.total)
	for i := range x.entries {
		x.entries[i].MessageID = message.MessageID
	}
	return nil
}

// references names the first batches of the order for the protocol.
func (x *execution) references() (lines []string) {
	const most = 100
	for i, batch := range x.report.Batches {
		if i == most {
			return append(lines, fmt.Sprintf("Sammlerreferenz : %d weitere", len(x.report.Batches)-most))
		}
		lines = append(lines, "Sammlerreferenz : "+batch.OriginalPaymentInformationID)
	}
	return lines
}

// groupStatus sums up: all settled, none, or some.
func groupStatus(good, total int) pain.Status {
	switch {
	case good == total:
		return pain.StatusACSC
	case good == 0:
		return pain.StatusRJCT
	}
	return pain.StatusPART
}

func (x *execution) payment(p *pain.Payment) error {
	x.total++
	status := pain.StatusTransaction{
		OriginalInstructionID: p.InstructionID, OriginalEndToEndID: p.EndToEndID, Status: pain.StatusACSC,
		Amount: p.Amount.Decimal(), Currency: string(p.Amount.Currency), DebtorAccount: p.Batch.DebtorAccount, CreditorAccount: p.CreditorAccount,
	}
	debtor, creditor := x.known[p.Batch.DebtorAccount], x.known[p.CreditorAccount]
	switch {
	case strings.HasSuffix(p.CreditorAccount, NoAccountSuffix):
		status.Status, status.Reasons = pain.StatusRJCT, []pain.Reason{{Code: "AC01", Originator: bankName}}
	case debtor == nil, p.Amount.Currency != debtor.Balance.Currency, creditor != nil && creditor.Balance.Currency != p.Amount.Currency:
		status.Status, status.Reasons = pain.StatusRJCT, []pain.Reason{{Code: "AM03", Originator: bankName}}
	case !x.fits(p.Amount, debtor, creditor):
		status.Status, status.Reasons = pain.StatusRJCT, []pain.Reason{{Code: "AM02", Originator: bankName}}
	}
	x.batch.Transactions = append(x.batch.Transactions, status)
	if status.Status != pain.StatusACSC {
		return nil
	}
	x.settled++
	x.good++
	if x.settled == 1 {
		x.debit = books.Entry{
			IBAN: debtor.IBAN, Day: x.day, Amount: money.Amount{Currency: p.Amount.Currency}, PaymentInformationID: p.Batch.PaymentInformationID,
			EndToEndID: p.EndToEndID, Counterparty: p.Creditor, CounterpartyAccount: p.CreditorAccount, Remittance: p.Remittance,
		}
	}
	var err error
	if x.debit.Amount, err = x.debit.Amount.Add(p.Amount); err != nil {
		return err
	}
	if creditor != nil {
		x.credits = append(x.credits, books.Entry{
			IBAN: creditor.IBAN, Day: x.day, Credit: true, Amount: p.Amount, EndToEndID: p.EndToEndID, Counterparty: p.Batch.Debtor,
			CounterpartyAccount: p.Batch.DebtorAccount, Remittance: p.Remittance, Transactions: 1,
		})
	}
	return nil
}

// fits says whether the books can hold the payment beside those before it, and
// notes that they will. Without it a sum beyond int64 would make an order that
// everybody has signed impossible to execute. creditor is nil for an account at
// another bank.
func (x *execution) fits(amount money.Amount, debtor, creditor *reach) bool {
	if x.settled > 0 {
		if _, err := x.debit.Amount.Add(amount); err != nil {
			return false
		}
	}
	move, err := amount.Negate()
	if err != nil {
		return false
	}
	lowest, err := debtor.lowest.Add(move)
	if err != nil {
		return false
	}
	if creditor != nil {
		highest, err := creditor.highest.Add(amount)
		if err != nil {
			return false
		}
		creditor.highest = highest
	}
	debtor.lowest = lowest
	return true
}

// endBatch books one debit for the whole payment information.
func (x *execution) endBatch(p *pain.Batch) error {
	x.batch.OriginalPaymentInformationID = p.PaymentInformationID
	x.batch.Status = groupStatus(x.settled, len(x.batch.Transactions))
	x.report.Batches = append(x.report.Batches, x.batch)
	if x.settled > 0 {
		x.debit.Transactions = x.settled
		if x.settled > 1 {
			x.debit.EndToEndID, x.debit.Counterparty, x.debit.CounterpartyAccount, x.debit.Remittance = "", "", "", ""
		}
		x.entries = append(x.entries, x.debit)
		x.entries = append(x.entries, x.credits...)
	}
	x.batch, x.credits, x.settled = pain.StatusBatch{}, nil, 0
	return nil
}

// noSuchAccount says whether an IBAN is one of those that exist nowhere.
func noSuchAccount(iban account.IBAN) bool { return strings.HasSuffix(string(iban), NoAccountSuffix) }
