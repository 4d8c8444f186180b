package cancellation

import (
	"fmt"
	"io"

	"kontor/account"
	"kontor/iso20022/internal/emit"
)

// writer writes what the two messages share. What a schema asks for and is missing is
// ErrContent.
type writer struct {
	*emit.Writer
	underlying bool // an underlying is open
	batch      bool // a batch of it is open
}

// begin opens the message, in the only version that is written.
func begin(w io.Writer, version, only, root string) writer {
	e := emit.New(w, only)
	if version != "" && version != only {
		e.Fail(fmt.Errorf("%w: %q is not written, only %s", ErrContent, version, only))
	}
	e.Open(root)
	return writer{Writer: e}
}

func (w *writer) fail(format string, a ...any) {
	w.Fail(fmt.Errorf("%w: "+format, append([]any{ErrContent}, a...)...))
}

func (w *writer) mandatory(name, text string) {
	if text == "" {
		w.fail("%s is empty", name)
	}
	w.Leaf(name, text)
}

func (w *writer) indicator(name string, i Indicator) { w.Optional(name, i.String()) }

func (w *writer) assignment(a *Assignment) {
	w.Open("Assgnmt")
	w.mandatory("Id", a.ID)
	w.choice("Assgnr", &a.Assigner)
	w.choice("Assgne", &a.Assignee)
	w.mandatory("CreDtTm", a.CreationDateTime)
	w.Close(1)
}

func (w *writer) optionalCase(name string, k *Case) {
	if *k == (Case{}) {
		return
	}
	w.Open(name)
	w.mandatory("Id", k.ID)
	w.choice("Cretr", &k.Creator)
	w.indicator("ReopCaseIndctn", k.Reopened)
	w.Close(1)
}

// choice writes a party as Pty or Agt.
func (w *writer) choice(name string, p *Party) {
	if p.isEmpty() {
		w.fail("%s has neither name, BIC nor other identification", name)
	}
	if !p.Agent {
		w.Open(name)
		w.party("Pty", p)
		w.Close(1)
		return
	}
	w.Open(name, "Agt", "FinInstnId")
	w.Optional("BICFI", p.BIC)
	w.Optional("Nm", p.Name)
	if p.Identification != "" {
		w.Open("Othr")
		w.Leaf("Id", p.Identification)
		w.Close(1)
	}
	w.Close(3)
}

func (w *writer) party(name string, p *Party) {
	w.Open(name)
	w.Optional("Nm", p.Name)
	if p.BIC+p.Identification != "" {
		w.Open("Id", "OrgId")
		w.Optional("AnyBIC", p.BIC)
		if p.Identification != "" {
			w.Open("Othr")
			w.Leaf("Id", p.Identification)
			w.Close(1)
		}
		w.Close(2)
	}
	w.Close(1)
}

// original writes the elements of a message's name, enclosed if there is an element for
// it; then it is optional.
func (w *writer) original(enclosing string, o *OriginalMessage) {
	if enclosing != "" {
		if o.isZero() {
			return
		}
		w.Open(enclosing)
		defer w.Close(1)
	}
	w.mandatory("OrgnlMsgId", o.ID)
	w.mandatory("OrgnlMsgNmId", o.Name)
	w.Optional("OrgnlCreDtTm", o.CreationDateTime)
}

func (w *writer) reasons(name string, reasons []Reason) {
	for i := range reasons {
		r := &reasons[i]
		w.Open(name)
		if r.Originator.Agent {
			w.fail("the originator of a reason is never written as an agent")
		}
		if !r.Originator.isEmpty() {
			w.party("Orgtr", &r.Originator)
		}
		if r.Code+r.Proprietary != "" {
			w.Open("Rsn")
			w.codeOrProprietary(r)
			w.Close(1)
		}
		for _, line := range r.AdditionalInformation {
			w.mandatory("AddtlInf", line)
		}
		w.Close(1)
	}
}

func (w *writer) codeOrProprietary(r *Reason) {
	if r.Code != "" && r.Proprietary != "" {
		w.fail("a reason has a code and a proprietary text")
	}
	if r.Code != "" {
		w.Leaf("Cd", r.Code)
	} else {
		w.mandatory("Prtry", r.Proprietary)
	}
}

func (w *writer) date(name, text string) {
	if text == "" {
		return
	}
	w.Open(name)
	if dateTime(text) {
		w.Leaf("DtTm", text)
	} else {
		w.Leaf("Dt", text)
	}
	w.Close(1)
}

// amount writes an amount unless there is none.
func (w *writer) amount(name string, o *OriginalTransaction) {
	if o.Amount == "" {
		if o.Currency != "" {
			w.fail("a currency stands without an amount")
		}
		return
	}
	w.Amount(name, o.Amount, o.Currency)
}

// reference writes OrgnlTxRef; it holds amount and dates where the transaction has no
// place for them.
func (w *writer) reference(o *OriginalTransaction, withAmountAndDates bool) {
	amountAndDates := withAmountAndDates && o.Amount+o.RequestedExecutionDate+o.RequestedCollectionDate != ""
	if !amountAndDates && o.MandateID+o.DebtorAccount+o.CreditorAccount == "" {
		return
	}
	w.Open("OrgnlTxRef")
	if amountAndDates {
		if o.Amount != "" {
			w.Open("Amt")
			w.amount("InstdAmt", o)
			w.Close(1)
		}
		w.Optional("ReqdColltnDt", o.RequestedCollectionDate)
		w.date("ReqdExctnDt", o.RequestedExecutionDate)
	}
	if o.MandateID != "" {
		w.Open("MndtRltdInf", "DrctDbtMndt")
		w.Leaf("MndtId", o.MandateID)
		w.Close(2)
	}
	w.account("DbtrAcct", o.DebtorAccount)
	w.account("CdtrAcct", o.CreditorAccount)
	w.Close(1)
}

// account writes what is no IBAN as another identification.
func (w *writer) account(name, text string) {
	if text == "" {
		return
	}
	w.Open(name, "Id")
	if _, err := account.ParseIBAN(text); err == nil {
		w.Leaf("IBAN", text)
	} else {
		w.Open("Othr")
		w.Leaf("Id", text)
		w.Close(1)
	}
	w.Close(2)
}

// openUnderlying begins the next underlying.
func (w *writer) openUnderlying(name string) {
	w.endUnderlying()
	w.Open(name)
	w.underlying = true
}

func (w *writer) endUnderlying() {
	w.endBatch()
	if w.underlying {
		w.Close(1)
	}
	w.underlying = false
}

func (w *writer) endBatch() {
	if w.batch {
		w.Close(1)
	}
	w.batch = false
}
