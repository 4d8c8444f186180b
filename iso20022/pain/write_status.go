package pain

import (
	"fmt"
	"io"

	"kontor/account"
	"kontor/iso20022/internal/emit"
)

// WriteStatus writes a small report whole, with its batches and their transactions. Its
// errors are those of StatusWriter.Close.
func WriteStatus(w io.Writer, s StatusReport) error {
	out := NewStatusWriter(w, s)
	for _, b := range s.Batches {
		out.Batch(b)
		for i := range b.Transactions {
			out.Transaction(&b.Transactions[i])
		}
	}
	return out.Close()
}

// StatusWriter writes a payment status report of any size in constant memory. The first
// error stays: every later call does nothing, and Close returns it.
type StatusWriter struct {
	out        *emit.Writer
	originator string // element name of a BIC
	within     bool   // a batch is open
	err        error
}

// NewStatusWriter begins a pain.002.001.03 or .10, whichever s.Version names ("" =
// .10); another version is ErrContent. s.Batches is not written. Values must have the
// form that the schema asks for: lengths are not checked here.
func NewStatusWriter(w io.Writer, s StatusReport) *StatusWriter {
	originator := "AnyBIC"
	switch s.Version {
	case "":
		s.Version = "pain.002.001.10"
	case "pain.002.001.10":
	case "pain.002.001.03":
		originator = "BICOrBEI"
	default:
		return &StatusWriter{err: fmt.Errorf("%w: %q is not written, only pain.002.001.03 and pain.002.001.10", ErrContent, s.Version)}
	}
	e := emit.New(w, s.Version)
	e.Open("CstmrPmtStsRpt", "GrpHdr")
	e.Leaf("MsgId", s.MessageID)
	e.Leaf("CreDtTm", s.CreationDateTime)
	e.Close(1)
	e.Open("OrgnlGrpInfAndSts")
	e.Leaf("OrgnlMsgId", s.OriginalMessageID)
	e.Leaf("OrgnlMsgNmId", s.OriginalMessageName)
	e.Optional("GrpSts", string(s.GroupStatus))
	writeReasons(e, s.GroupReasons, originator)
	e.Close(1)
	return &StatusWriter{out: e, originator: originator}
}

// Batch begins the status of a payment information; b.Transactions is not written.
func (s *StatusWriter) Batch(b StatusBatch) {
	if s.err != nil {
		return
	}
	s.endBatch()
	s.within = true
	s.out.Open("OrgnlPmtInfAndSts")
	s.out.Leaf("OrgnlPmtInfId", b.OriginalPaymentInformationID)
	s.out.Optional("PmtInfSts", string(b.Status))
	writeReasons(s.out, b.Reasons, s.originator)
}

// Transaction writes the status of a transaction of the batch begun last; without one it
// is ErrContent.
func (s *StatusWriter) Transaction(t *StatusTransaction) {
	if s.err != nil {
		return
	}
	if !s.within {
		s.err = fmt.Errorf("%w: a transaction stands before the first batch", ErrContent)
		return
	}
	writeStatusTransaction(s.out, t, s.originator)
}

func (s *StatusWriter) endBatch() {
	if s.within {
		s.out.Close(1)
	}
}

// Close ends the report. It does not close the io.Writer.
func (s *StatusWriter) Close() error {
	if s.err != nil {
		return s.err
	}
	return s.out.Finish()
}

func writeStatusTransaction(e *emit.Writer, t *StatusTransaction, originator string) {
	e.Open("TxInfAndSts")
	e.Optional("OrgnlInstrId", t.OriginalInstructionID)
	e.Optional("OrgnlEndToEndId", t.OriginalEndToEndID)
	e.Optional("TxSts", string(t.Status))
	writeReasons(e, t.Reasons, originator)
	if t.Amount+t.DebtorAccount+t.CreditorAccount+t.MandateID != "" {
		e.Open("OrgnlTxRef")
		if t.Amount != "" {
			e.Open("Amt")
			e.Amount("InstdAmt", t.Amount, t.Currency)
			e.Close(1)
		}
		if t.MandateID != "" {
			e.Open("MndtRltdInf")
			e.Leaf("MndtId", t.MandateID)
			e.Close(1)
		}
		writeStatusAccount(e, "DbtrAcct", t.DebtorAccount)
		writeStatusAccount(e, "CdtrAcct", t.CreditorAccount)
		e.Close(1)
	}
	e.Close(1)
}

func writeStatusAccount(e *emit.Writer, name, iban string) {
	if iban == "" {
		return
	}
	e.Open(name, "Id")
	e.Leaf("IBAN", iban)
	e.Close(2)
}

// writeReasons writes the originator as a BIC when it has the form of one, else as a
// name.
func writeReasons(e *emit.Writer, reasons []Reason, bicElement string) {
	for _, r := range reasons {
		e.Open("StsRsnInf")
		if r.Originator != "" {
			e.Open("Orgtr")
			if isClassicBIC(r.Originator) {
				e.Open("Id", "OrgId")
				e.Leaf(bicElement, r.Originator)
				e.Close(2)
			} else {
				e.Leaf("Nm", r.Originator)
			}
			e.Close(1)
		}
		if r.Code != "" || r.Proprietary != "" {
			e.Open("Rsn")
			if r.Code != "" {
				e.Leaf("Cd", r.Code)
			} else {
				e.Leaf("Prtry", r.Proprietary)
			}
			e.Close(1)
		}
		for _, line := range r.AdditionalInformation {
			e.Leaf("AddtlInf", line)
		}
		e.Close(1)
	}
}

// isClassicBIC asks for the older form, which both versions of the message accept.
func isClassicBIC(text string) bool {
	_, err := account.ParseClassicBIC(text)
	return err == nil
}
