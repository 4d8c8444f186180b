package dtazv

import "bytes"

// newHeader makes the Header of the current record.
func (r *reader) newHeader() *Header {
	text := r.current
	sequence, _ := number(q7.of(text))
	return &Header{
		Ordinal:       r.summary.LogicalFiles - 1,
		BankCode:      digits(&q3, text),
		Account:       digits(&q4, text),
		Originator:    fourLines(&q5, text),
		Created:       r.created,
		Sequence:      int(sequence),
		ExecutionDate: r.due,
		Report:        q9.of(text)[0] == 'J',
		FederalState:  digits(&q10, text),
		Company:       digits(&q11, text),
		At:            r.at(1, ""),
	}
}

// fill sets what the text of a T alone tells.
func fill(p *Payment, text []byte) {
	p.BankCode = digits(&t3, text)
	p.Account = digits(&t4b, text)
	p.ExecutionDate, _ = date(t5.of(text))
	p.ChargesBankCode = digits(&t6, text)
	p.ChargesAccount = digits(&t7b, text)
	p.CreditorAgent = decode(t8.of(text))
	p.CreditorAgentCountry = decode(t9a.of(text))
	p.CreditorAgentAddress = fourLines(&t9b, text)
	p.CreditorCountry = decode(t10a.of(text))
	p.Creditor = fourLines(&t10b, text)
	p.OrderRemark = [2]string{line(&t11, text, 0), line(&t11, text, 1)}
	p.CreditorAccount = decode(bytes.TrimPrefix(t12.of(text), []byte("/")))
	p.Equivalent = string(t19.of(text)) == "91"
	p.Remittance = fourLines(&t15, text)
	for i, f := range keyFields {
		p.Instructions[i] = digits(f, text)
	}
	p.InstructionInfo = decode(t20.of(text))
	p.Charges = code(&t21, text)
	p.Type = code(&t22, text)
	p.StatementText = decode(t23.of(text))
	p.Contact = decode(t24.of(text))
	p.ReportKey = code(&t25, text)
}

func newReport(text []byte, recordType byte) Report {
	if recordType == 'W' {
		return Report{Service: &Service{
			Kind:                  code(&w3, text),
			Code:                  digits(&w4, text),
			Country:               decode(w5.of(text)),
			CountryCode:           decode(w6.of(text)),
			InvestmentCountry:     decode(w7.of(text)),
			InvestmentCountryCode: decode(w8.of(text)),
			Amount:                units(&w9, text),
			Details:               decode(w10.of(text)),
		}}
	}
	return Report{Transit: &Transit{
		Goods:              decode(v3.of(text)),
		Chapter:            digits(&v4a, text),
		Country:            decode(v5.of(text)),
		CountryCode:        decode(v6.of(text)),
		Price:              units(&v7, text),
		SoldToNonResidents: v8.of(text)[0] == 'J',
		SoldToResidents:    v9.of(text)[0] == 'J',
		UnsoldAbroad:       v11.of(text)[0] == 'J',
		SoldGoods:          decode(v12.of(text)),
		SoldChapter:        digits(&v13a, text),
		Due:                digits(&v14, text),
		BuyerCountry:       decode(v15.of(text)),
		BuyerCountryCode:   decode(v16.of(text)),
		SalePrice:          units(&v17, text),
		Note:               decode(v18.of(text)),
	}}
}

// code returns all characters of a numeric field, blanks as zeros.
func code(f *field, text []byte) string {
	if allDigits(f.of(text)) {
		return string(f.of(text))
	}
	return string(bytes.ReplaceAll(f.of(text), []byte(" "), []byte("0")))
}

// digits is code, "" if the field has no value.
func digits(f *field, text []byte) string {
	if isZero(f.of(text)) {
		return ""
	}
	return code(f, text)
}

// units returns a number without leading zeros, "" if it is zero.
func units(f *field, text []byte) string {
	return string(bytes.TrimLeft(f.of(text), "0 "))
}

func line(f *field, text []byte, n int) string {
	return decode(f.of(text)[n*lineLength : (n+1)*lineLength])
}

func fourLines(f *field, text []byte) (all [4]string) {
	for i := range all {
		all[i] = line(f, text, i)
	}
	return all
}
