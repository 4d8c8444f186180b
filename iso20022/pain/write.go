package pain

import (
	"cmp"
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

// ErrContent says that what should be written would not be a valid message.
var ErrContent = errors.New("content not valid in the message")

// CreditTransfer is what WriteCreditTransfer writes: a SEPA credit transfer.
type CreditTransfer struct {
	MessageID       string
	Created         time.Time // written with its offset, to the second
	InitiatingParty string
	Batches         []TransferBatch
}

// TransferBatch is one payment information: one debtor account, one day.
type TransferBatch struct {
	PaymentInformationID   string
	Instant                bool // LclInstrm INST
	RequestedExecutionDate calendar.Date
	Debtor                 string // 1 to 70 characters
	DebtorAccount          account.IBAN
	DebtorAgent            account.BIC // "" = NOTPROVIDED
	Payments               []Transfer
}

// Transfer is one transaction, 0.01 to 999,999,999.99 euro.
type Transfer struct {
	InstructionID   string // optional
	EndToEndID      string // "" = NOTPROVIDED
	Amount          money.Amount
	Creditor        string // 1 to 70 characters
	CreditorAccount account.IBAN
	CreditorAgent   account.BIC // optional
	Remittance      string      // optional, at most 140 characters
}

// WriteCreditTransfer writes a pain.001.001.09 in the form of GBIC_5 (DK Anlage 3
// V3.9), with counts and sums at both levels, in memory proportional to one payment.
// What that form does not allow is ErrContent; part of the document may have been
// written then.
func WriteCreditTransfer(w io.Writer, t CreditTransfer) error {
	count, sum, err := t.check()
	if err != nil {
		return err
	}
	e := emit.New(w, "pain.001.001.09")
	e.Open("CstmrCdtTrfInitn")
	writeGroupHeader(e, t.MessageID, t.InitiatingParty, t.Created, count, sum)
	for i := range t.Batches {
		writeBatch(e, &t.Batches[i])
	}
	return e.Finish()
}

func writeGroupHeader(e *emit.Writer, messageID, initiatingParty string, created time.Time, count int, sum money.Total) {
	e.Open("GrpHdr")
	e.Leaf("MsgId", messageID)
	e.Leaf("CreDtTm", created.Format(time.RFC3339))
	e.Leaf("NbOfTxs", strconv.Itoa(count))
	e.Leaf("CtrlSum", sum.String())
	writeParty(e, "InitgPty", initiatingParty)
	e.Close(1)
}

func writeBatch(e *emit.Writer, b *TransferBatch) {
	var sum money.Total
	for _, p := range b.Payments {
		if err := sum.Add(p.Amount.Decimal()); err != nil {
			e.Fail(fmt.Errorf("adding amounts: %w", err))
		}
	}
	e.Open("PmtInf")
	e.Leaf("PmtInfId", b.PaymentInformationID)
	e.Leaf("PmtMtd", "TRF")
	e.Leaf("NbOfTxs", strconv.Itoa(len(b.Payments)))
	e.Leaf("CtrlSum", sum.String())
	e.Open("PmtTpInf", "SvcLvl")
	e.Leaf("Cd", "SEPA")
	e.Close(1)
	if b.Instant {
		e.Open("LclInstrm")
		e.Leaf("Cd", "INST")
		e.Close(1)
	}
	e.Close(1)
	e.Open("ReqdExctnDt")
	e.Leaf("Dt", b.RequestedExecutionDate.String())
	e.Close(1)
	writeParty(e, "Dbtr", b.Debtor)
	writeAccount(e, "DbtrAcct", b.DebtorAccount)
	writeAgent(e, "DbtrAgt", b.DebtorAgent)
	e.Leaf("ChrgBr", "SLEV")
	for i := range b.Payments {
		writeTransfer(e, &b.Payments[i])
	}
	e.Close(1)
}

func writeTransfer(e *emit.Writer, p *Transfer) {
	e.Open("CdtTrfTxInf")
	writePaymentID(e, p.InstructionID, p.EndToEndID)
	e.Open("Amt")
	e.Amount("InstdAmt", p.Amount.Decimal(), string(p.Amount.Currency))
	e.Close(1)
	if p.CreditorAgent != "" {
		writeAgent(e, "CdtrAgt", p.CreditorAgent)
	}
	writeParty(e, "Cdtr", p.Creditor)
	writeAccount(e, "CdtrAcct", p.CreditorAccount)
	writeRemittance(e, p.Remittance)
	e.Close(1)
}

func writePaymentID(e *emit.Writer, instructionID, endToEndID string) {
	e.Open("PmtId")
	e.Optional("InstrId", instructionID)
	e.Leaf("EndToEndId", cmp.Or(endToEndID, "NOTPROVIDED"))
	e.Close(1)
}

func writeParty(e *emit.Writer, element, name string) {
	e.Open(element)
	e.Leaf("Nm", name)
	e.Close(1)
}

// writeAgent writes NOTPROVIDED for an agent that is not given: the IBAN tells the bank.
func writeAgent(e *emit.Writer, element string, bic account.BIC) {
	e.Open(element, "FinInstnId")
	if bic != "" {
		e.Leaf("BICFI", string(bic))
	} else {
		e.Open("Othr")
		e.Leaf("Id", "NOTPROVIDED")
		e.Close(1)
	}
	e.Close(2)
}

func writeRemittance(e *emit.Writer, text string) {
	if text == "" {
		return
	}
	e.Open("RmtInf")
	e.Leaf("Ustrd", text)
	e.Close(1)
}

func writeAccount(e *emit.Writer, name string, iban account.IBAN) {
	e.Open(name, "Id")
	e.Leaf("IBAN", string(iban))
	e.Close(2)
}

// check finds what GBIC_5 does not allow, and adds up.
func (t *CreditTransfer) check() (int, money.Total, error) {
	count, sum := 0, money.Total{}
	fail := func(format string, a ...any) (int, money.Total, error) {
		return 0, money.Total{}, fmt.Errorf("%w: "+format, append([]any{ErrContent}, a...)...)
	}
	if !usableReference(t.MessageID) || !usableName(t.InitiatingParty) || t.Created.IsZero() || len(t.Batches) == 0 {
		return fail("message identification, initiating party, creation time or payment information is missing or has not the right form")
	}
	for i := range t.Batches {
		b := &t.Batches[i]
		if !usableReference(b.PaymentInformationID) || !usableName(b.Debtor) || b.RequestedExecutionDate.IsZero() || len(b.Payments) == 0 {
			return fail("payment information %d: identification, debtor, date or transactions are missing or have not the right form", i+1)
		}
		if err := checkAccount(b.DebtorAccount, b.DebtorAgent); err != nil {
			return fail("payment information %d: debtor: %v", i+1, err)
		}
		for j := range b.Payments {
			p := &b.Payments[j]
			if err := p.check(); err != nil {
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

func (p *Transfer) check() error {
	if (p.InstructionID != "" && !usableReference(p.InstructionID)) || (p.EndToEndID != "" && !usableReference(p.EndToEndID)) {
		return errors.New("a reference has not the right form")
	}
	if !usableName(p.Creditor) || utf8.RuneCountInString(p.Remittance) > 140 {
		return errors.New("creditor or remittance information has not the right length")
	}
	if p.Amount.Currency != "EUR" || p.Amount.Minor < 1 || p.Amount.Minor > maxEuro {
		return errors.New("the amount is not 0.01 to 999999999.99 euro")
	}
	if err := checkAccount(p.CreditorAccount, p.CreditorAgent); err != nil {
		return fmt.Errorf("creditor: %w", err)
	}
	return nil
}

func usableReference(text string) bool {
	return isReference([]byte(text)) && !hasLooseSlash([]byte(text))
}

// usableName is the length that DK and EPC allow; ISO allows 140.
func usableName(text string) bool {
	n := utf8.RuneCountInString(text)
	return n >= 1 && n <= 70
}
