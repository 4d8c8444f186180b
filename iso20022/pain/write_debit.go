package pain

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"kontor/account"
	"kontor/calendar"
	"kontor/iso20022/internal/emit"
	"kontor/money"
)

// DirectDebit is what WriteDirectDebit writes: a SEPA direct debit. In the form of the
// German banks all batches have one local instrument.
type DirectDebit struct {
	MessageID       string
	Created         time.Time // written with its offset, to the second
	InitiatingParty string
	LocalInstrument string // "CORE" or "B2B"
	Batches         []DebitBatch
}

// DebitBatch is one payment information: one creditor account, one day.
type DebitBatch struct {
	PaymentInformationID    string
	SequenceType            string // "FRST", "RCUR", "FNAL" or "OOFF"
	RequestedCollectionDate calendar.Date
	Creditor                string // 1 to 70 characters
	CreditorAccount         account.IBAN
	CreditorAgent           account.BIC // "" = NOTPROVIDED
	CreditorID              account.CreditorID
	Payments                []Debit
}

// Debit is one transaction, 0.01 to 999,999,999.99 euro.
type Debit struct {
	InstructionID string // optional
	EndToEndID    string // "" = NOTPROVIDED
	Amount        money.Amount
	MandateID     string
	MandateSigned calendar.Date // not after the collection
	Debtor        string        // 1 to 70 characters
	DebtorAccount account.IBAN
	DebtorAgent   account.BIC // "" = NOTPROVIDED
	Remittance    string      // optional, at most 140 characters
}

// WriteDirectDebit writes a pain.008.001.08 in the form of GBIC_5 (DK Anlage 3 V3.9),
// with counts and sums at both levels, in memory proportional to one payment. What
// that form does not allow is ErrContent; part of the document may have been written
// then.
func WriteDirectDebit(w io.Writer, t DirectDebit) error {
	count, sum, err := t.check()
	if err != nil {
		return err
	}
	e := emit.New(w, "pain.008.001.08")
	e.Open("CstmrDrctDbtInitn")
	writeGroupHeader(e, t.MessageID, t.InitiatingParty, t.Created, count, sum)
	for i := range t.Batches {
		writeDebitBatch(e, &t.Batches[i], t.LocalInstrument)
	}
	return e.Finish()
}

func writeDebitBatch(e *emit.Writer, b *DebitBatch, instrument string) {
	var sum money.Total
	for i := range b.Payments {
		if err := sum.Add(b.Payments[i].Amount.Decimal()); err != nil {
			e.Fail(fmt.Errorf("adding amounts: %w", err))
		}
	}
	e.Open("PmtInf")
	e.Leaf("PmtInfId", b.PaymentInformationID)
	e.Leaf("PmtMtd", "DD")
	e.Leaf("NbOfTxs", strconv.Itoa(len(b.Payments)))
	e.Leaf("CtrlSum", sum.String())
	e.Open("PmtTpInf", "SvcLvl")
	e.Leaf("Cd", "SEPA")
	e.Close(1)
	e.Open("LclInstrm")
	e.Leaf("Cd", instrument)
	e.Close(1)
	e.Leaf("SeqTp", b.SequenceType)
	e.Close(1)
	e.Leaf("ReqdColltnDt", b.RequestedCollectionDate.String())
	writeParty(e, "Cdtr", b.Creditor)
	writeAccount(e, "CdtrAcct", b.CreditorAccount)
	writeAgent(e, "CdtrAgt", b.CreditorAgent)
	e.Leaf("ChrgBr", "SLEV")
	e.Open("CdtrSchmeId", "Id", "PrvtId", "Othr")
	e.Leaf("Id", string(b.CreditorID))
	e.Open("SchmeNm")
	e.Leaf("Prtry", "SEPA")
	e.Close(5)
	for i := range b.Payments {
		writeDebit(e, &b.Payments[i])
	}
	e.Close(1)
}

func writeDebit(e *emit.Writer, p *Debit) {
	e.Open("DrctDbtTxInf")
	writePaymentID(e, p.InstructionID, p.EndToEndID)
	e.Amount("InstdAmt", p.Amount.Decimal(), string(p.Amount.Currency))
	e.Open("DrctDbtTx", "MndtRltdInf")
	e.Leaf("MndtId", p.MandateID)
	e.Leaf("DtOfSgntr", p.MandateSigned.String())
	e.Close(2)
	writeAgent(e, "DbtrAgt", p.DebtorAgent)
	writeParty(e, "Dbtr", p.Debtor)
	writeAccount(e, "DbtrAcct", p.DebtorAccount)
	writeRemittance(e, p.Remittance)
	e.Close(1)
}

// check finds what GBIC_5 does not allow, and adds up.
func (t *DirectDebit) check() (int, money.Total, error) {
	count, sum := 0, money.Total{}
	fail := func(format string, a ...any) (int, money.Total, error) {
		return 0, money.Total{}, fmt.Errorf("%w: "+format, append([]any{ErrContent}, a...)...)
	}
	if !usableReference(t.MessageID) || !usableName(t.InitiatingParty) || t.Created.IsZero() || len(t.Batches) == 0 {
		return fail("message identification, initiating party, creation time or payment information is missing or has not the right form")
	}
	if t.LocalInstrument != "CORE" && t.LocalInstrument != "B2B" {
		return fail("the local instrument is not CORE or B2B")
	}
	for i := range t.Batches {
		b := &t.Batches[i]
		if err := b.check(); err != nil {
			return fail("payment information %d: %v", i+1, err)
		}
		for j := range b.Payments {
			p := &b.Payments[j]
			if err := p.check(b.RequestedCollectionDate); err != nil {
				return fail("payment information %d, transaction %d: %v", i+1, j+1, err)
			}
			if err := sum.Add(p.Amount.Decimal()); err != nil {
				return fail("sum: %v", err)
			}
			count++
		}
	}
	return count, sum, nil
}

func (b *DebitBatch) check() error {
	if !usableReference(b.PaymentInformationID) || !usableName(b.Creditor) || b.RequestedCollectionDate.IsZero() || len(b.Payments) == 0 {
		return errors.New("identification, creditor, date or transactions are missing or have not the right form")
	}
	if !isSequenceType([]byte(b.SequenceType)) {
		return errors.New("the sequence type is not FRST, RCUR, FNAL or OOFF")
	}
	if err := account.CheckCreditorID([]byte(b.CreditorID)); err != nil {
		return err
	}
	return checkAccount(b.CreditorAccount, b.CreditorAgent)
}

func (p *Debit) check(collection calendar.Date) error {
	if (p.InstructionID != "" && !usableReference(p.InstructionID)) || (p.EndToEndID != "" && !usableReference(p.EndToEndID)) || !usableReference(p.MandateID) {
		return errors.New("a reference has not the right form")
	}
	if !usableName(p.Debtor) || utf8.RuneCountInString(p.Remittance) > 140 {
		return errors.New("debtor or remittance information has not the right length")
	}
	if p.Amount.Currency != "EUR" || p.Amount.Minor < 1 || p.Amount.Minor > maxEuro {
		return errors.New("the amount is not 0.01 to 999999999.99 euro")
	}
	if p.MandateSigned.IsZero() || (collection.Before(p.MandateSigned) && collection.String() != nextPossibleDay) {
		return errors.New("the date of signature is missing or after the collection")
	}
	return checkAccount(p.DebtorAccount, p.DebtorAgent)
}

func checkAccount(iban account.IBAN, agent account.BIC) error {
	if _, err := account.ParseIBAN(string(iban)); err != nil {
		return err
	}
	if agent != "" && account.CheckBIC([]byte(agent)) != nil {
		return errors.New("the agent has not the form of a BIC")
	}
	return nil
}
