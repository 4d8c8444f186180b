package pain

import (
	"fmt"
	"io"

	"kontor/account"
	"kontor/iso20022/internal/emit"
)

// WriteStatus writes a payment status report as pain.002.001.03 or .10, whichever
// s.Version names ("" = .10); another version is ErrContent. Values must have the form
// that the schema asks for: lengths are not checked here.
func WriteStatus(w io.Writer, s StatusReport) error {
	originator := "AnyBIC"
	switch s.Version {
	case "":
		s.Version = "pain.002.001.10"
	case "pain.002.001.10":
	case "pain.002.001.03":
		originator = "BICOrBEI"
	default:
		return fmt.Errorf("%w: %q is not written, only pain.002.001.03 and pain.002.001.10", ErrContent, s.Version)
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
	for i := range s.Batches {
		b := &s.Batches[i]
		e.Open("OrgnlPmtInfAndSts")
		e.Leaf("OrgnlPmtInfId", b.OriginalPaymentInformationID)
		e.Optional("PmtInfSts", string(b.Status))
		writeReasons(e, b.Reasons, originator)
		for j := range b.Transactions {
			writeStatusTransaction(e, &b.Transactions[j], originator)
		}
		e.Close(1)
	}
	return e.Finish()
}

func writeStatusTransaction(e *emit.Writer, t *StatusTransaction, originator string) {
	e.Open("TxInfAndSts")
	e.Optional("OrgnlInstrId", t.OriginalInstructionID)
	e.Optional("OrgnlEndToEndId", t.OriginalEndToEndID)
	e.Optional("TxSts", string(t.Status))
	writeReasons(e, t.Reasons, originator)
	if t.Amount != "" || t.DebtorAccount != "" || t.CreditorAccount != "" {
		e.Open("OrgnlTxRef")
		if t.Amount != "" {
			e.Open("Amt")
			e.Amount("InstdAmt", t.Amount, t.Currency)
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
