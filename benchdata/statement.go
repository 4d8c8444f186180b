package benchdata

import (
	"fmt"
	"io"
	"strconv"
)

const opening = 1_000_000_00 // cents

// entry says of an entry whether it is a credit, and its amount.
func entry(n int) (credit bool, amount int64) { return n%3 != 0, cents(n) }

// closing is the balance after so many entries.
func closing(entries int) int64 {
	balance := int64(opening)
	for n := range entries {
		if credit, amount := entry(n); credit {
			balance += amount
		} else {
			balance -= amount
		}
	}
	return balance
}

func indicator(credit bool) string {
	if credit {
		return "CRDT"
	}
	return "DBIT"
}

func signed(balance int64) (credit bool, amount int64) {
	if balance < 0 {
		return false, -balance
	}
	return true, balance
}

// Statement writes a camt.053.001.08 of one account with so many entries, each with one
// transaction, as German banks write them. The balances are right.
func Statement(w io.Writer, entries int, l Layout) error {
	if entries < 0 {
		return fmt.Errorf("writing benchmark data: %d entries", entries)
	}
	out := &xmlWriter{writer: newWriter(w), indent: l.Indent}
	out.text(`<?xml version="1.0" encoding="UTF-8"?>`, "\n", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">`)
	out.depth = 1
	out.open("BkToCstmrStmt")
	out.open("GrpHdr")
	out.leaf("MsgId", "BENCH-"+strconv.Itoa(entries))
	out.leaf("CreDtTm", "2026-11-20T20:00:00+01:00")
	out.close("GrpHdr")
	out.open("Stmt")
	out.leaf("Id", "BENCH-2026-11-20")
	out.leaf("ElctrncSeqNb", "224")
	out.leaf("CreDtTm", "2026-11-20T20:00:00+01:00")
	out.open("Acct")
	out.open("Id")
	out.leaf("IBAN", OwnAccount)
	out.close("Id")
	out.leaf("Ccy", "EUR")
	out.agent("Svcr", "KNTRDEFFXXX")
	out.close("Acct")
	out.balance("PRCD", opening, "2026-11-19")
	out.balance("CLBD", closing(entries), "2026-11-20")
	for n := range entries {
		if !out.indent {
			out.text("\n")
		}
		out.entry(n)
	}
	out.close("Stmt")
	out.close("BkToCstmrStmt")
	out.text("\n</Document>\n")
	return out.flush()
}

func (w *xmlWriter) balance(kind string, balance int64, day string) {
	credit, amount := signed(balance)
	w.open("Bal")
	w.open("Tp")
	w.open("CdOrPrtry")
	w.leaf("Cd", kind)
	w.close("CdOrPrtry")
	w.close("Tp")
	w.amount("Amt", decimal(amount, "."))
	w.leaf("CdtDbtInd", indicator(credit))
	w.open("Dt")
	w.leaf("Dt", day)
	w.close("Dt")
	w.close("Bal")
}

func (w *xmlWriter) entry(n int) {
	credit, cents := entry(n)
	chance := number(uint64(n)*4 + 3)
	amount := decimal(cents, ".")
	w.open("Ntry")
	w.amount("Amt", amount)
	w.leaf("CdtDbtInd", indicator(credit))
	w.open("Sts")
	w.leaf("Cd", "BOOK")
	w.close("Sts")
	for _, date := range []string{"BookgDt", "ValDt"} {
		w.open(date)
		w.leaf("Dt", "2026-11-20")
		w.close(date)
	}
	w.leaf("AcctSvcrRef", fmt.Sprintf("20261120%08d", n+1))
	w.code(credit)
	w.open("NtryDtls")
	w.open("TxDtls")
	w.open("Refs")
	w.leaf("EndToEndId", "BENCH-E2E-"+strconv.Itoa(n+1))
	w.close("Refs")
	w.amount("Amt", amount)
	w.leaf("CdtDbtInd", indicator(credit))
	w.code(credit)
	w.open("RltdPties")
	w.party("Dbtr", credit, chance)
	w.party("Cdtr", !credit, chance)
	w.close("RltdPties")
	w.open("RmtInf")
	w.leaf("Ustrd", pick(chance>>4, reasons)+" "+strconv.FormatUint(chance>>8%900_000+100_000, 10)+" Kunde "+strconv.FormatUint(chance%90_000+10_000, 10))
	w.close("RmtInf")
	w.close("TxDtls")
	w.close("NtryDtls")
	w.close("Ntry")
}

// code is the bank transaction code of a SEPA credit transfer that came or went.
func (w *xmlWriter) code(credit bool) {
	family, number := "ICDT", "116"
	if credit {
		family, number = "RCDT", "166"
	}
	w.open("BkTxCd")
	w.open("Domn")
	w.leaf("Cd", "PMNT")
	w.open("Fmly")
	w.leaf("Cd", family)
	w.leaf("SubFmlyCd", "ESCT")
	w.close("Fmly")
	w.close("Domn")
	w.open("Prtry")
	w.leaf("Cd", "NTRF+"+number+"+0000")
	w.leaf("Issr", "DK")
	w.close("Prtry")
	w.close("BkTxCd")
}

// party is the other side of an entry, or the owner of the account.
func (w *xmlWriter) party(role string, other bool, chance uint64) {
	holder, iban := "Muster Werkzeugbau GmbH", OwnAccount
	if other {
		holder, iban = name(chance), german(chance)
	}
	w.open(role)
	w.open("Pty")
	w.leaf("Nm", holder)
	w.close("Pty")
	w.close(role)
	w.account(role+"Acct", iban)
}

// MT940 writes an MT940 statement of one account with so many entries, with the
// structured text that German banks write. The balances are right.
func MT940(w io.Writer, entries int) error {
	if entries < 0 {
		return fmt.Errorf("writing benchmark data: %d entries", entries)
	}
	out := newWriter(w)
	iban := OwnAccount
	out.text(":20:BENCH\r\n:25:", iban[4:12], "/", iban[12:], "EUR\r\n:28C:224/1\r\n:60F:C261119EUR", decimal(opening, ","), "\r\n")
	for n := range entries {
		credit, amount := entry(n)
		chance := number(uint64(n)*4 + 3)
		mark, gvc, booking := "D", "116", "UEBERWEISUNG"
		if credit {
			mark, gvc, booking = "C", "166", "GUTSCHRIFT"
		}
		id := strconv.Itoa(n + 1)
		out.text(":61:2611201120", mark, "R", decimal(amount, ","), "NTRFNONREF//", fmt.Sprintf("%016d", n+1), "\r\n")
		text := gvc + "?00" + booking + "?109251?20EREF+BENCH-E2E-" + id + "?21SVWZ+" + pick(chance>>4, reasons) + " " +
			strconv.FormatUint(chance>>8%900_000+100_000, 10) + "?22Kunde " + strconv.FormatUint(chance%90_000+10_000, 10) + "?30KNTRDEFFXXX?31" + german(chance) + "?32" + cut(name(chance), 27)
		out.text(":86:")
		for len(text) > 65 {
			out.text(text[:65], "\r\n")
			text = text[65:]
		}
		out.text(text, "\r\n")
	}
	credit, amount := signed(closing(entries))
	mark := "D"
	if credit {
		mark = "C"
	}
	out.text(":62F:", mark, "261120EUR", decimal(amount, ","), "\r\n-\r\n")
	return out.flush()
}

func cut(text string, length int) string { return text[:min(len(text), length)] }
