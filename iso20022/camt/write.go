package camt

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/iso20022/internal/emit"
)

// ErrContent says that what should be written would not be a valid statement.
var ErrContent = errors.New("content not valid in the statement")

// WriteStatement writes a small statement whole. Its errors are those of
// StatementWriter.Close.
func WriteStatement(w io.Writer, s Statement, entries []Entry) error {
	out := NewStatementWriter(w, s)
	for i := range entries {
		out.Entry(&entries[i])
	}
	return out.Close()
}

// StatementWriter writes a camt.053.001.08 with one statement, in the form that German
// banks deliver, with any number of entries in constant memory. The first error stays:
// every later call does nothing, and Close returns it.
type StatementWriter struct {
	out *emit.Writer
	err error
}

// NewStatementWriter begins a statement. Needed are MessageID, ID, CreationDateTime, an
// account, and at least one balance with an exact amount and known direction; else
// ErrContent. Format, Version, EntryCount and offsets are ignored. FromDate and ToDate
// must be dates with time to be written. Texts are escaped; their lengths are not
// checked.
func NewStatementWriter(w io.Writer, s Statement) *StatementWriter {
	if s.MessageID == "" || s.ID == "" || s.CreationDateTime == "" || s.IBAN+s.OtherAccount == "" || len(s.Balances) == 0 {
		return &StatementWriter{err: fmt.Errorf("%w: an identification, the creation time, the account or the balances are missing", ErrContent)}
	}
	e := emit.New(w, "camt.053.001.08")
	e.Open("BkToCstmrStmt", "GrpHdr")
	e.Leaf("MsgId", s.MessageID)
	e.Leaf("CreDtTm", s.CreationDateTime)
	e.Close(1)
	e.Open("Stmt")
	e.Leaf("Id", s.ID)
	e.Optional("ElctrncSeqNb", s.SequenceNumber)
	e.Optional("LglSeqNb", s.LegalSequenceNumber)
	e.Leaf("CreDtTm", s.CreationDateTime)
	if s.FromDate != "" && s.ToDate != "" {
		e.Open("FrToDt")
		e.Leaf("FrDtTm", s.FromDate)
		e.Leaf("ToDtTm", s.ToDate)
		e.Close(1)
	}
	writeAccount(e, &s)
	for i := range s.Balances {
		writeBalance(e, &s.Balances[i])
	}
	return &StatementWriter{out: e}
}

// Entry writes one entry, with the details of Single, if that is set, and otherwise with
// its own. It needs an exact unsigned amount, a known direction, a status and a
// transaction or proprietary code; else ErrContent.
func (s *StatementWriter) Entry(n *Entry) {
	if s.err == nil {
		writeEntry(s.out, n)
	}
}

// Close ends the statement. It does not close the io.Writer.
func (s *StatementWriter) Close() error {
	if s.err != nil {
		return s.err
	}
	return s.out.Finish()
}

func writeAccount(e *emit.Writer, s *Statement) {
	e.Open("Acct", "Id")
	if s.IBAN != "" {
		e.Leaf("IBAN", s.IBAN)
	} else {
		e.Open("Othr")
		e.Leaf("Id", s.OtherAccount)
		e.Close(1)
	}
	e.Close(1)
	e.Optional("Ccy", s.Currency)
	if s.Owner != "" {
		e.Open("Ownr")
		e.Leaf("Nm", s.Owner)
		e.Close(1)
	}
	if s.ServicerBIC != "" {
		e.Open("Svcr", "FinInstnId")
		e.Leaf("BICFI", s.ServicerBIC)
		e.Close(2)
	}
	e.Close(1)
}

func writeBalance(e *emit.Writer, b *Balance) {
	if b.Type == "" || b.Amount.Currency == "" || b.Date == "" || b.DirectionUnknown {
		e.Fail(fmt.Errorf("%w: a balance lacks type, amount, direction or date", ErrContent))
		return
	}
	e.Open("Bal", "Tp", "CdOrPrtry")
	e.Leaf("Cd", b.Type)
	e.Close(2)
	decimal, negative := strings.CutPrefix(b.Amount.Decimal(), "-")
	e.Amount("Amt", decimal, string(b.Amount.Currency))
	e.Leaf("CdtDbtInd", direction(!negative))
	writeDate(e, "Dt", b.Date)
	e.Close(1)
}

func writeEntry(e *emit.Writer, n *Entry) {
	if n.Amount.Currency == "" || n.Amount.Minor < 0 || n.DirectionUnknown || n.Status == "" || n.TransactionCode+n.ProprietaryCode == "" {
		e.Fail(fmt.Errorf("%w: entry %d lacks an unsigned amount, a direction, a status or a transaction code", ErrContent, n.Ordinal))
		return
	}
	e.Open("Ntry")
	e.Optional("NtryRef", n.Reference)
	e.Amount("Amt", n.Amount.Decimal(), string(n.Amount.Currency))
	e.Leaf("CdtDbtInd", direction(n.Credit))
	if n.Reversal {
		e.Leaf("RvslInd", "true")
	}
	e.Open("Sts")
	e.Leaf("Cd", n.Status)
	e.Close(1)
	writeDate(e, "BookgDt", n.BookingDate)
	writeDate(e, "ValDt", n.ValueDate)
	e.Optional("AcctSvcrRef", n.AccountServicerReference)
	writeCode(e, n.Ordinal, n.TransactionCode, n.ProprietaryCode)
	e.Open("NtryDtls")
	if n.Transactions > 1 {
		writeBatch(e, n)
	} else {
		writeDetails(e, n, n.details())
	}
	e.Close(1)
	e.Optional("AddtlNtryInf", n.AdditionalInformation)
	e.Close(1)
}

// writeBatch writes an entry that books several transactions at once, without them.
func writeBatch(e *emit.Writer, n *Entry) {
	e.Open("Btch")
	e.Optional("MsgId", n.MessageID)
	e.Optional("PmtInfId", n.PaymentInformationID)
	e.Leaf("NbOfTxs", strconv.Itoa(n.Transactions))
	e.Amount("TtlAmt", n.Amount.Decimal(), string(n.Amount.Currency))
	e.Leaf("CdtDbtInd", direction(n.Credit))
	e.Close(1)
}

// writeCode writes "PMNT/RCDT/ESCT" as domain, family and sub-family.
func writeCode(e *emit.Writer, ordinal int, code, proprietary string) {
	e.Open("BkTxCd")
	if code != "" {
		part := strings.Split(code, "/")
		if len(part) != 3 {
			e.Fail(fmt.Errorf("%w: transaction code of entry %d has not three parts", ErrContent, ordinal))
			return
		}
		e.Open("Domn")
		e.Leaf("Cd", part[0])
		e.Open("Fmly")
		e.Leaf("Cd", part[1])
		e.Leaf("SubFmlyCd", part[2])
		e.Close(2)
	}
	if proprietary != "" {
		e.Open("Prtry")
		e.Leaf("Cd", proprietary)
		e.Leaf("Issr", "DK")
		e.Close(1)
	}
	e.Close(1)
}

// writeDate writes a date, or a date and time when there is one.
func writeDate(e *emit.Writer, name, date string) {
	if date == "" {
		return
	}
	e.Open(name)
	if strings.Contains(date, "T") {
		e.Leaf("DtTm", date)
	} else {
		e.Leaf("Dt", date)
	}
	e.Close(1)
}

func direction(credit bool) string {
	if credit {
		return "CRDT"
	}
	return "DBIT"
}
