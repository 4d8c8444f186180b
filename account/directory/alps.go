package directory

import (
	"io"

	"kontor/account"
	"kontor/calendar"
)

// ReadSIX reads the bank master of SIX (version 3, CSV): one row per IID or QR-IID of
// Switzerland and Liechtenstein. An IID that was merged into another has the BIC of that
// one.
//
// The error is ErrTooLarge, ErrForm or ErrFaulty, or that of the reader.
func ReadSIX(r io.Reader) (Source, error) {
	const (
		iid, newIID = "IID/QR-IID", "New IID/QR-IID"
		digits      = 5
	)
	text, err := readAll(r)
	if err != nil {
		return Source{}, err
	}
	rows, err := openRows(text, []string{iid, newIID, "Concatenation", "BIC"}, nil)
	if err != nil {
		return Source{}, err
	}
	s := Source{Name: "six"}
	bics, merged := map[string]account.BIC{}, map[string]string{}
	if err := rows.each(func() error {
		bank, column, err := rows.bank("CH", iid, digits, "BIC")
		if err == nil && rows.get("Concatenation") == "Y" {
			column = newIID
			merged[bank.Code], err = bankCode(rows.get(newIID), digits)
		}
		if err != nil {
			return s.skip(rows.line, column, err)
		}
		if d, err := calendar.Parse(rows.get("Valid on")); err == nil && s.Date.Before(d) {
			s.Date = d
		}
		bics[bank.Code] = bank.BIC
		s.Banks = append(s.Banks, bank)
		return nil
	}); err != nil {
		return Source{}, err
	}
	for i, b := range s.Banks {
		if target, ok := merged[b.Code]; ok && b.BIC == "" {
			s.Banks[i].BIC = bics[target]
		}
	}
	return s.done()
}

// ReadOeNB reads the SEPA payment directory of the Oesterreichische Nationalbank (CSV):
// some lines of notice, then one row per bank code. The file says on which day it was
// made, the caller from which day it counts.
//
// The error is ErrTooLarge, ErrForm or ErrFaulty, or that of the reader.
func ReadOeNB(r io.Reader, from calendar.Date) (Source, error) {
	const (
		code, bic = "Bankleitzahl", "SWIFT-Code"
		digits    = 5
	)
	text, err := readAll(r)
	if err != nil {
		return Source{}, err
	}
	rows, err := openRows(text, []string{code, bic}, nil)
	if err != nil {
		return Source{}, err
	}
	s := Source{Name: "oenb", Date: from}
	if err := rows.each(func() error {
		bank, column, err := rows.bank("AT", code, digits, bic)
		if err != nil {
			return s.skip(rows.line, column, err)
		}
		s.Banks = append(s.Banks, bank)
		return nil
	}); err != nil {
		return Source{}, err
	}
	return s.done()
}
