package dtazv

// judgeTransit judges a record V.
func (r *reader) judgeTransit() {
	r.judgeFields()
	r.judgePresent(&v3, &v4a, &v5, &v7)
	r.judgeZeros(&v4b)
	r.judgeCountryCode(&v6)
	for _, f := range []*field{&v8, &v9, &v11} {
		if flag := f.of(r.current)[0]; flag != 'J' && flag != 'N' {
			r.fault(CodeFlag, "flag", f, f.number)
		}
	}
	sold := v8.of(r.current)[0] == 'J'
	for _, f := range []*field{&v12, &v13a, &v14, &v15, &v16, &v17} {
		switch empty := isZero(f.of(r.current)); {
		case sold && empty:
			r.fault(CodeSale, "missing", f, f.number)
		case !sold && !empty:
			r.fault(CodeSale, "empty", f, f.number)
		}
	}
	if !sold {
		return
	}
	r.judgeZeros(&v13b)
	r.judgeCountry(&v16, true)
	if due := v14.of(r.current); !isZero(due) && allDigits(due) && (due[2] > '1' || due[2] == '1' && due[3] > '2' || due[2] == '0' && due[3] == '0') {
		r.fault(CodeDate, "invalid", &v14, v14.number)
	}
}

// judgeService judges a record W.
func (r *reader) judgeService() {
	r.judgeFields()
	kind := w3.of(r.current)[0]
	if kind != '2' && kind != '4' {
		r.fault(CodeKind, "kind", &w3)
	}
	r.judgePresent(&w4, &w5, &w9)
	r.judgeCountryCode(&w6)
	if kind == '4' {
		r.judgeCountry(&w8, true)
		return
	}
	for _, f := range []*field{&w7, &w8} {
		if !isBlank(f.of(r.current)) {
			r.fault(CodeInvestment, "empty", f, f.number)
		}
	}
}

func (r *reader) judgePresent(fields ...*field) {
	for _, f := range fields {
		if isZero(f.of(r.current)) {
			r.fault(CodeReportValue, "missing", f, f.number)
		}
	}
}

func (r *reader) judgeZeros(f *field) {
	if !isZero(f.of(r.current)) {
		r.fault(CodeReportValue, "zeros", f, f.number)
	}
}

// judgeCountryCode judges the code of a country that must be there.
func (r *reader) judgeCountryCode(f *field) {
	r.judgePresent(f)
	r.judgeCountry(f, true)
}
