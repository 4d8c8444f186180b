package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
	"kontor/iso20022/pain"
	"kontor/money"
	"kontor/xmlscan"
)

// maxAccounts is how many debtor accounts of a user's own file the demo sets up.
const maxAccounts = 20

// maxOwner is how many characters of an account holder's name the bank takes.
const maxOwner = 70

// debtor is an account that a payment file debits.
type debtor struct {
	IBAN     string
	Name     string
	Currency string
	Total    money.Amount // of the payments that could be read
}

// paymentFile is what the demo knows of the file it sends. Readable is false when the file is not a credit transfer at all; the
// hub is then left to say so.
type paymentFile struct {
	Path      string
	Size      int64
	Readable  bool
	MessageID string
	Count     int
	Sum       money.Total // over all payments, irrespective of currency
	Currency  string      // if all payments have the same, else ""
	Debtors   []debtor
	Latest    calendar.Date // latest requested execution date; zero if none could be read
	Findings  int
}

// readFile learns from a file what the demo must set up for it, and what it will compare later.
func readFile(ctx context.Context, path string) (paymentFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return paymentFile{}, fmt.Errorf("opening the payment file: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	if err != nil {
		return paymentFile{}, fmt.Errorf("opening the payment file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return paymentFile{}, fmt.Errorf("opening the payment file: %s is not a regular file", path)
	}
	f := paymentFile{Path: path, Size: info.Size()}
	message, findings, err := pain.Read(file, pain.Options{}, pain.Visitor{
		Payment: func(p *pain.Payment) error { return f.add(ctx, p) },
		Batch:   func(b *pain.Batch) error { return f.date(b.RequestedExecutionDate) },
	})
	if err != nil {
		var syntax *xmlscan.SyntaxError
		var unreadable *pain.UnreadableError
		if errors.As(err, &syntax) || errors.As(err, &unreadable) {
			return paymentFile{Path: path, Size: info.Size()}, nil
		}
		return paymentFile{}, fmt.Errorf("reading the payment file: %w", err)
	}
	f.Readable = true
	f.MessageID, f.Count, f.Sum = message.MessageID, message.Count, message.Sum
	if len(message.Currencies) == 1 {
		f.Currency = string(message.Currencies[0])
	}
	for _, found := range findings {
		if found.Severity == finding.Error {
			f.Findings++
		}
	}
	return f, nil
}

// add counts a payment to its debtor's account. Account numbers that are no IBAN are left for the hub to judge.
func (f *paymentFile) add(ctx context.Context, p *pain.Payment) error {
	if p.Ordinal%1024 == 0 && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	iban := p.Batch.DebtorAccount
	if correct := account.CheckIBAN([]byte(iban)) == nil; !correct {
		return nil
	}
	at := slices.IndexFunc(f.Debtors, func(d debtor) bool { return d.IBAN == iban })
	if at < 0 {
		if len(f.Debtors) == maxAccounts {
			return fmt.Errorf("the file debits more than %d accounts; the demo sets up no more", maxAccounts)
		}
		at = len(f.Debtors)
		f.Debtors = append(f.Debtors, newDebtor(iban, p.Batch))
	}
	d := &f.Debtors[at]
	if string(p.Amount.Currency) != d.Currency {
		return nil
	}
	total, err := d.Total.Add(p.Amount)
	if err != nil {
		return fmt.Errorf("adding the payments of an account: %w", err)
	}
	d.Total = total
	return nil
}

func newDebtor(iban string, b *pain.Batch) debtor {
	d := debtor{IBAN: iban, Name: b.Debtor, Currency: b.Currency}
	if _, err := money.ParseCurrency(d.Currency); err != nil {
		d.Currency = "EUR" // DbtrAcct/Ccy is optional
	}
	if name := []rune(strings.TrimSpace(d.Name)); len(name) == 0 {
		d.Name = tenantName
	} else if len(name) > maxOwner {
		d.Name = string(name[:maxOwner]) // a name that long is a finding of the hub
	}
	d.Total.Currency = money.Currency(d.Currency)
	return d
}

// date keeps the latest execution date. In .09 it may come with a time.
func (f *paymentFile) date(text string) error {
	day, err := calendar.Parse(text[:min(len(text), len(time.DateOnly))])
	if err == nil && f.Latest.Before(day) {
		f.Latest = day
	}
	return nil // a date that is none is a finding of the hub, not an error here
}

// enough is an opening balance that covers the account's payments: twice their sum and a million.
func (d debtor) enough() (string, error) {
	digits, _ := d.Total.Currency.Digits()
	million := int64(1_000_000)
	for range digits {
		million *= 10
	}
	sum, err := d.Total.Add(d.Total)
	if err == nil {
		sum, err = sum.Add(money.Amount{Minor: million, Currency: d.Total.Currency})
	}
	if err != nil {
		return "", fmt.Errorf("choosing an opening balance: %w", err)
	}
	return sum.Decimal(), nil
}

// writeSalaries writes the built-in payment file: salaries to invented people with invented accounts.
func writeSalaries(path, messageID string, from bankAccount, day string, now time.Time) error {
	execution, err := calendar.Parse(day)
	if err != nil {
		return fmt.Errorf("reading the bank's business date: %w", err)
	}
	debtorAccount, err := account.ParseIBAN(from.IBAN)
	if err != nil {
		return fmt.Errorf("reading the bank's account: %w", err)
	}
	batch := pain.TransferBatch{
		PaymentInformationID: messageID + "-1", RequestedExecutionDate: execution,
		Debtor: owner(from), DebtorAccount: debtorAccount,
	}
	for i, s := range salaries() {
		batch.Payments = append(batch.Payments, pain.Transfer{
			EndToEndID:      fmt.Sprintf("%s-%d", messageID, i+1),
			Amount:          money.Amount{Minor: s.cents, Currency: "EUR"},
			Creditor:        s.name,
			CreditorAccount: account.IBAN("DE" + account.CheckDigits("DE", s.bban) + s.bban),
			Remittance:      fmt.Sprintf("Salary %s", day[:7]),
		})
	}
	var text bytes.Buffer
	transfer := pain.CreditTransfer{
		MessageID: messageID, Created: now, InitiatingParty: tenantName, Batches: []pain.TransferBatch{batch},
	}
	if err := pain.WriteCreditTransfer(&text, transfer); err != nil {
		return fmt.Errorf("writing the salaries: %w", err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing the salaries: %w", err)
	}
	return nil
}

type salary struct {
	name  string
	bban  string // bank code and account number, both invented
	cents int64
}

// salaries are five invented people. The sandbox's bank codes begin with other digits, so that all of them are at another bank.
func salaries() []salary {
	return []salary{
		{"Anna Musterfrau", "999900010000012301", 3_284_50},
		{"Bjorn Beispielsson", "999900010000045602", 2_917_00},
		{"Clara Probst", "999900020000078903", 4_105_75},
		{"David Ersonnen", "999900020000011104", 2_480_20},
		{"Elif Erdacht", "999900030000022205", 3_760_05},
	}
}

// amount writes the sum, with the currency if there is one for all.
func (f paymentFile) amount() string { return withCurrency(f.Sum, f.Currency) }

func withCurrency(sum money.Total, currency string) string {
	return strings.TrimSpace(sum.String() + " " + currency)
}
