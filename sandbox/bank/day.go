package bank

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/calendar"
	"kontor/ebics"
	"kontor/iso20022/camt"
	"kontor/sandbox/bank/books"
)

// Facts about the bank in its books.
const (
	factHost = "host id"
	factDay  = "business date"
)

// The bank's invented name, BIC and bank code.
const (
	bankName = "Kontorbank"
	bankBIC  = "KNTRDEFFXXX"
	bankCode = "99900010"
)

// businessDate is the day on which the bank books.
func businessDate(ctx context.Context, tx *books.Tx) (calendar.Date, error) {
	text, err := tx.Fact(ctx, factDay)
	if err != nil {
		return calendar.Date{}, err
	}
	return calendar.Parse(text)
}

// advance ends business days: each account gets its statement, and the next
// day begins with what is due on it. Weekends and holidays are business days here.
func (b *bank) advance(ctx context.Context, days int) (day calendar.Date, err error) {
	for range days {
		if err := b.books.Do(ctx, func(tx *books.Tx) error {
			if day, err = businessDate(ctx, tx); err != nil {
				return err
			}
			accounts, err := tx.Accounts(ctx)
			if err != nil {
				return err
			}
			for _, a := range accounts {
				if err := b.statement(ctx, tx, a, day); err != nil {
					return fmt.Errorf("ending %s: %w", day, err)
				}
			}
			day = day.AddDays(1)
			if err := tx.PostDue(ctx, day); err != nil {
				return err
			}
			return tx.SetFact(ctx, factDay, day.String())
		}); err != nil {
			return day, err
		}
	}
	return day, nil
}

// statement writes one account's camt.053 of a day, for the holder and the
// account's bureaus.
func (b *bank) statement(ctx context.Context, tx *books.Tx, a books.Account, day calendar.Date) error {
	number := a.Statements + 1
	name := fmt.Sprintf("%s_C53_%s_%s_%06d.xml", day, a.IBAN, a.Balance.Currency, number)
	s := camt.Statement{
		MessageID: fmt.Sprintf("C53%s%06d%s", compact(day), number, a.IBAN[len(a.IBAN)-8:]), ID: fmt.Sprintf("%s-%06d", compact(day), number),
		SequenceNumber: strconv.Itoa(number), CreationDateTime: stamp(b.now()),
		FromDate: day.At(0, 0, calendar.Berlin()).Format(time.RFC3339), ToDate: day.At(23, 59, calendar.Berlin()).Format(time.RFC3339),
		IBAN: string(a.IBAN), Currency: string(a.Balance.Currency), Owner: a.Owner, ServicerBIC: bankBIC,
		Balances: []camt.Balance{
			{Type: "OPBD", Amount: a.Opening, Date: day.String()},
			{Type: "CLBD", Amount: a.Balance, Date: day.String()},
		},
	}
	packer := books.NewPacker()
	out, ordinal := camt.NewStatementWriter(packer, s), 0
	if err := tx.EachEntry(ctx, a.IBAN, day, func(e books.Entry) error {
		written := statementEntry(ordinal, e)
		out.Entry(&written)
		ordinal++
		return nil
	}); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	content, err := packer.Packed()
	if err != nil {
		return err
	}
	readers := append([]ebics.PartnerID{a.Holder}, a.Bureaus...)
	slices.Sort(readers)
	for _, partner := range slices.Compact(readers) {
		if err := tx.AddDocument(ctx, books.Document{Partner: partner, OrderType: ebics.C53, Name: name, Day: day, Content: content}); err != nil {
			return err
		}
	}
	return tx.CloseDay(ctx, a.IBAN)
}

// bookingCode is how a statement names a booking: the code of ISO 20022, and
// the GVC of German banks for a single payment and for a batch.
type bookingCode struct{ iso, gvc, batch string }

// debits and credits of an account, by kind. A debit of a direct debit is the
// debtor's, its credit the creditor's; of a return it is the other way round.
var (
	debitCodes = map[books.EntryKind]bookingCode{
		books.Transfer:   {"PMNT/ICDT/ESCT", "116", "191"},
		books.Core:       {"PMNT/RDDT/ESDD", "105", "195"},
		books.B2B:        {"PMNT/RDDT/BBDD", "104", "197"},
		books.CoreReturn: {"PMNT/IDDT/UPDD", "109", "109"},
		books.B2BReturn:  {"PMNT/IDDT/UPDD", "108", "108"},
	}
	creditCodes = map[books.EntryKind]bookingCode{
		books.Transfer:   {"PMNT/RCDT/ESCT", "166", "194"},
		books.Core:       {"PMNT/IDDT/ESDD", "171", "192"},
		books.B2B:        {"PMNT/IDDT/BBDD", "174", "196"},
		books.CoreReturn: {"PMNT/RDDT/UPDD", "181", "181"},
		books.B2BReturn:  {"PMNT/RDDT/UPDD", "184", "184"},
	}
)

// statementEntry is a booking as the statement shows it. A return takes back an
// earlier booking, so that it is marked as a reversal and names the same other
// party.
func statementEntry(ordinal int, e books.Entry) camt.Entry {
	code := debitCodes[e.Kind]
	if e.Credit {
		code = creditCodes[e.Kind]
	}
	gvc := code.gvc
	if e.Transactions > 1 {
		gvc = code.batch
	}
	return camt.Entry{
		Ordinal: ordinal, Amount: e.Amount, Credit: e.Credit, Status: "BOOK", BookingDate: e.Day.String(), ValueDate: e.Day.String(),
		AccountServicerReference: fmt.Sprintf("KB%s%08d", compact(e.Day), e.ID), TransactionCode: code.iso, ProprietaryCode: "NTRF+" + gvc + "+0000",
		MessageID: e.MessageID, PaymentInformationID: e.PaymentInformationID, EndToEndID: e.EndToEndID, Transactions: e.Transactions,
		Counterparty: e.Counterparty, CounterpartyIBAN: e.CounterpartyAccount, Remittance: e.Remittance,
		Reversal: e.Kind == books.CoreReturn || e.Kind == books.B2BReturn, ReturnReason: e.ReturnReason,
	}
}

func compact(day calendar.Date) string { return strings.ReplaceAll(day.String(), "-", "") }
