package swiftmt

import "bytes"

// slash is a code between slashes in the dialect of the Netherlands.
type slash uint8

const (
	noSlash slash = iota
	slashIgnored
	slashEREF
	slashPREF
	slashMARF
	slashCSID
	slashTRTP
	slashIBAN
	slashBIC
	slashNAME
	slashREMI
	slashRTRN
	slashPURP
	slashULTD
	slashULTC
	slashCNTP
	slashParty // BENM, ORDP: the codes after it belong to the other party
)

// slashCode returns the code at the start of b, which begins with a slash, and the
// length with both slashes.
func slashCode(b []byte) (slash, int) {
	n := letters(b[1:])
	if n < 2 || n > 4 || len(b) <= n+1 || b[n+1] != '/' {
		return noSlash, 0
	}
	code := slashOf(b[1 : n+1])
	return code, n + 2
}

func slashOf(code []byte) slash {
	switch string(code) {
	case "EREF":
		return slashEREF
	case "PREF", "KREF":
		return slashPREF
	case "MARF":
		return slashMARF
	case "CSID":
		return slashCSID
	case "TRTP":
		return slashTRTP
	case "IBAN":
		return slashIBAN
	case "BIC":
		return slashBIC
	case "NAME":
		return slashNAME
	case "REMI":
		return slashREMI
	case "RTRN":
		return slashRTRN
	case "PURP":
		return slashPURP
	case "ULTD":
		return slashULTD
	case "ULTC", "ULTB":
		return slashULTC
	case "CNTP":
		return slashCNTP
	case "BENM", "ORDP":
		return slashParty
	case "ID", "ADDR", "ISDT", "IACC", "SVCL", "BUSP", "CHGS", "OCMT", "EXCH", "TRCD", "SWOD":
		return slashIgnored // known, and kept in Text only
	}
	return noSlash
}

// slashed reads "/EREF/…/REMI/…". A value may hold slashes: only known codes end it.
func (p *informer) slashed(i *Information, b []byte) bool {
	code, width := slashCode(b)
	if code == noSlash {
		return false
	}
	i.Dialect = Slashed
	for b = b[width:]; ; {
		n, next, width := nextSlash(b)
		i.setSlash(code, trim(bytes.Trim(b[:n], "/")))
		if next == noSlash {
			return true
		}
		code, b = next, b[n+width:]
	}
}

// nextSlash finds the next known code.
func nextSlash(b []byte) (at int, code slash, width int) {
	for {
		n := bytes.IndexByte(b[at:], '/')
		if n < 0 {
			return len(b), noSlash, 0
		}
		at += n
		if code, width = slashCode(b[at:]); code != noSlash {
			return at, code, width
		}
		at++
	}
}

// setSlash stores a value; the first of a kind counts.
func (i *Information) setSlash(code slash, v []byte) {
	var to *[]byte
	switch code {
	case slashEREF:
		if string(v) == "NOTPROVIDED" {
			return
		}
		to = &i.EndToEndID
	case slashPREF:
		to = &i.CustomerReference
	case slashMARF:
		to = &i.MandateID
	case slashCSID:
		to = &i.CreditorID
	case slashTRTP:
		to = &i.BookingText
	case slashIBAN:
		to = &i.IBAN
	case slashBIC:
		to = &i.BIC
	case slashNAME:
		to = &i.Name
	case slashREMI:
		for _, form := range []string{"USTD//", "STRD/CUR/", "STRD/ISO/", "STRD/ISR/"} {
			v = bytes.TrimPrefix(v, []byte(form))
		}
		to = &i.Remittance
	case slashRTRN:
		to = &i.ReturnReason
	case slashPURP:
		to = &i.Purpose
	case slashULTD:
		to = &i.UltimateOriginator
	case slashULTC:
		to = &i.UltimateRecipient
	case slashCNTP:
		i.setCounterparty(v)
		return
	case noSlash, slashIgnored, slashParty:
		return
	}
	if *to == nil && len(v) > 0 {
		*to = v
	}
}

// setCounterparty reads "IBAN/BIC/name/city" of ING.
func (i *Information) setCounterparty(v []byte) {
	for _, to := range []*[]byte{&i.IBAN, &i.BIC, &i.Name} {
		part, rest, _ := bytes.Cut(v, []byte("/"))
		if part = trim(part); *to == nil && len(part) > 0 {
			*to = part
		}
		v = rest
	}
}

// nonSWIFT reads the numbered lines of :NS: where an entry has no :86: 01 to 14
// remittance, 15 and 16 name, 17 booking text, 18 primanota, 33 and 34 bank code and
// account of the other party.
func (p *informer) nonSWIFT(i *Information, text []byte) {
	*i = Information{Dialect: NonSWIFT, Text: text}
	p.remittance, p.name = p.remittance[:0], p.name[:0]
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		number := digits(line, 2)
		if number < 0 {
			continue
		}
		value := trimEnd(line[2:])
		var to *[]byte
		switch {
		case len(value) == 0:
		case number >= 1 && number <= 14:
			p.remittance = appendLine(p.remittance, value)
		case number == 15 || number == 16:
			p.name = append(p.name, value...)
		case number == 17:
			to = &i.BookingText
		case number == 18:
			to = &i.Primanota
		case number == 33:
			to = &i.BankCode
		case number == 34:
			to = &i.Account
		}
		if to != nil {
			*to = value
		}
	}
	if len(p.name) > 0 {
		i.Name = p.name
	}
	if len(p.remittance) > 0 {
		i.Remittance = p.remittance
	}
}
