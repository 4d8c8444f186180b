package bank

import (
	"bytes"
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
// day begins. Weekends and holidays are business days here.
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
	entries, err := tx.Entries(ctx, a.IBAN, day)
	if err != nil {
		return err
	}
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
	var written []camt.Entry
	for i, e := range entries {
		written = append(written, statementEntry(i, e))
	}
	var out bytes.Buffer
	if err := camt.WriteStatement(&out, s, written); err != nil {
		return err
	}
	readers := append([]ebics.PartnerID{a.Holder}, a.Bureaus...)
	slices.Sort(readers)
	for _, partner := range slices.Compact(readers) {
		if err := tx.AddDocument(ctx, books.Document{Partner: partner, OrderType: ebics.C53, Name: name, Day: day, Content: out.Bytes()}); err != nil {
			return err
		}
	}
	return tx.CloseDay(ctx, a.IBAN)
}

// statementEntry is a booking as the statement shows it, with the bank's codes:
// domain code, and the GVC of German banks (191 batch, 116 transfer, 166
// credit).
func statementEntry(ordinal int, e books.Entry) camt.Entry {
	code, gvc := "PMNT/ICDT/ESCT", "NTRF+116+0000"
	switch {
	case e.Credit:
		code, gvc = "PMNT/RCDT/ESCT", "NTRF+166+0000"
	case e.Transactions > 1:
		gvc = "NTRF+191+0000"
	}
	return camt.Entry{
		Ordinal: ordinal, Amount: e.Amount, Credit: e.Credit, Status: "BOOK", BookingDate: e.Day.String(), ValueDate: e.Day.String(),
		AccountServicerReference: fmt.Sprintf("KB%s%08d", compact(e.Day), e.ID), TransactionCode: code, ProprietaryCode: gvc,
		MessageID: e.MessageID, PaymentInformationID: e.PaymentInformationID, EndToEndID: e.EndToEndID, Transactions: e.Transactions,
		Counterparty: e.Counterparty, CounterpartyIBAN: e.CounterpartyAccount, Remittance: e.Remittance,
	}
}

func compact(day calendar.Date) string { return strings.ReplaceAll(day.String(), "-", "") }
