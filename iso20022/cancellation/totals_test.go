package cancellation

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	listed = `<OrgnlPmtInfAndCxl><OrgnlPmtInfId>B</OrgnlPmtInfId><NbOfTxs>9</NbOfTxs><CtrlSum>900</CtrlSum><TxInf><OrgnlInstdAmt Ccy="EUR">10.00</OrgnlInstdAmt></TxInf><TxInf><OrgnlInstdAmt Ccy="SEK">5.5</OrgnlInstdAmt></TxInf></OrgnlPmtInfAndCxl>`
	whole3 = `<OrgnlPmtInfAndCxl><OrgnlPmtInfId>C</OrgnlPmtInfId><NbOfTxs>3</NbOfTxs><CtrlSum>30</CtrlSum><PmtInfCxl>true</PmtInfCxl></OrgnlPmtInfAndCxl>`
	unsaid = `<OrgnlPmtInfAndCxl><OrgnlPmtInfId>D</OrgnlPmtInfId><PmtInfCxl>true</PmtInfCxl></OrgnlPmtInfAndCxl>`
	none   = `<OrgnlPmtInfAndCxl><OrgnlPmtInfId>E</OrgnlPmtInfId><NbOfTxs>3</NbOfTxs><PmtInfCxl>false</PmtInfCxl></OrgnlPmtInfAndCxl>`
	group4 = `<OrgnlGrpInfAndCxl><OrgnlMsgId>M</OrgnlMsgId><NbOfTxs>4</NbOfTxs><CtrlSum>40</CtrlSum><GrpCxl>true</GrpCxl></OrgnlGrpInfAndCxl>`
)

func TestDeclaredTotalsAreCompared(t *testing.T) {
	for _, row := range []struct {
		name, count, sum, underlying string
		wantCount, wantSum           Agreement
	}{
		{"nothing declared", "", "", listed, NotCompared, NotCompared},
		{"what is listed", "2", "15.50", listed, Agrees, Agrees},
		{"leading zeros", "0002", "15.5", listed, Agrees, Agrees},
		{"too many", "3", "15.51", listed, Differs, Differs},
		{"too few", "1", "10", listed, Differs, Differs},
		{"no number", "two", "1e3", listed, Differs, Differs},
		{"sixteen digits", "0000000000000002", "", listed, Differs, NotCompared},
		{"whole batch counts", "5", "45.50", listed + whole3, Agrees, Agrees},
		{"whole batch does not count", "2", "15.50", listed + whole3, Agrees, Agrees},
		{"two whole batches", "8", "75.5", whole3 + listed + whole3, Agrees, Agrees},
		{"wrong either way", "4", "30.00", listed + whole3, Differs, Differs},
		{"whole batch of unknown size", "7", "99", listed + unsaid, NotCompared, NotCompared},
		{"fewer than listed beside one of unknown size", "1", "", listed + unsaid, Differs, NotCompared},
		{"a batch that is not cancelled", "5", "", listed + none, Differs, NotCompared},
		{"whole message", "4", "40", group4, Agrees, Agrees},
		{"whole message that lists nothing", "0", "0", group4, Agrees, Agrees},
		{"message of which parts are listed", "6", "55.5", group4 + listed, Differs, Differs},
		{"message that is not cancelled", "4", "40", strings.Replace(group4, "true", "false", 1), Differs, Differs},
		{"empty header of a message", "4", "", `<OrgnlGrpInfAndCxl/>`, Differs, NotCompared},
		{"message before the next one", "6", "55.50", group4 + "</Undrlyg><Undrlyg>" + listed, Agrees, Agrees},
		{"amount missing", "1", "10", `<OrgnlPmtInfAndCxl><TxInf/></OrgnlPmtInfAndCxl>`, Agrees, NotCompared},
		{"amount not readable", "1", "10", `<OrgnlPmtInfAndCxl><TxInf><OrgnlInstdAmt>-10</OrgnlInstdAmt></TxInf></OrgnlPmtInfAndCxl>`, Agrees, NotCompared},
	} {
		t.Run(row.name, func(t *testing.T) {
			control := ""
			if row.count+row.sum != "" {
				control = `<CtrlData><NbOfTxs>` + row.count + `</NbOfTxs><CtrlSum>` + row.sum + `</CtrlSum></CtrlData>`
			}
			_, totals, err := readRequest(strings.NewReader(fmt.Sprintf(requestForm, control+"<Undrlyg>"+row.underlying+"</Undrlyg>")))
			if err != nil || totals.CompareCount() != row.wantCount || totals.CompareSum() != row.wantSum {
				t.Errorf("%v: count %v, sum %v: %+v", err, totals.CompareCount(), totals.CompareSum(), totals)
			}
		})
	}
}

func TestAgreementsAreNamed(t *testing.T) {
	if got := fmt.Sprint(NotCompared, Agrees, Differs); got != "not compared agrees differs" {
		t.Error(got)
	}
}

// A request whose totals are wrong must not leave the house.
func TestWrittenTotalsMustAgree(t *testing.T) {
	for _, row := range []struct {
		count, sum string
		want       error
	}{{"2", "30.00", nil}, {"3", "", ErrContent}, {"2", "30.01", ErrContent}, {"two", "", ErrContent}} {
		q := valid()
		q.DeclaredCount, q.DeclaredSum = row.count, row.sum
		if err := WriteRequest(&bytes.Buffer{}, &q); !errors.Is(err, row.want) {
			t.Errorf("%s %s: %v", row.count, row.sum, err)
		}
	}
}

// valid is a small request: two transactions of 10 and 20.
func valid() Request {
	p := Party{Name: "Beispiel GmbH"}
	return Request{Assignment: Assignment{ID: "A-1", Assigner: p, Assignee: Party{Agent: true, BIC: "BANKDEFFXXX"}, CreationDateTime: "2026-11-05T09:00:00Z"},
		Groups: []RequestGroup{{Original: OriginalMessage{ID: "M-1", Name: "pain.001.001.09"}, Batches: []RequestBatch{{OriginalPaymentInformationID: "B-1", Cancel: No,
			Transactions: []RequestTransaction{{Original: OriginalTransaction{EndToEndID: "E-1", Amount: "10.00", Currency: "EUR"}}, {Original: OriginalTransaction{EndToEndID: "E-2", Amount: "20", Currency: "EUR"}}}}}}}}
}

func TestIncompleteRequestsAreNotWritten(t *testing.T) {
	for name, spoil := range map[string]func(*Request){
		"another version":            func(q *Request) { q.Version = "camt.055.001.08" },
		"no identification":          func(q *Request) { q.Assignment.ID = "" },
		"no assigner":                func(q *Request) { q.Assignment.Assigner = Party{} },
		"agent without anything":     func(q *Request) { q.Assignment.Assignee.BIC = "" },
		"no time":                    func(q *Request) { q.Assignment.CreationDateTime = "" },
		"case without creator":       func(q *Request) { q.Case.ID = "C-1" },
		"case without name":          func(q *Request) { q.Case.Creator.Name = "C" },
		"sum without count":          func(q *Request) { q.DeclaredSum = "30" },
		"nothing cancelled":          func(q *Request) { q.Groups = nil },
		"group without message":      func(q *Request) { q.Groups[0].Original.ID = "" },
		"group without its name":     func(q *Request) { q.Groups[0].Original.Name = "" },
		"batch without name":         func(q *Request) { q.Groups[0].Batches[0].OriginalPaymentInformationID = "" },
		"reason twice":               func(q *Request) { q.Groups[0].Reasons = []Reason{{Code: "DUPL", Proprietary: "x"}} },
		"empty text":                 func(q *Request) { q.Groups[0].Reasons = []Reason{{AdditionalInformation: []string{""}}} },
		"agent as originator":        func(q *Request) { q.Groups[0].Reasons = []Reason{{Originator: Party{Agent: true, Name: "B"}}} },
		"currency without amount":    func(q *Request) { q.Groups[0].Batches[0].Transactions[0].Original.Amount = "" },
		"a text that XML cannot say": func(q *Request) { q.Assignment.ID = "a\x00" },
	} {
		t.Run(name, func(t *testing.T) {
			q := valid()
			spoil(&q)
			var b bytes.Buffer
			if err := WriteRequest(&b, &q); err == nil {
				t.Errorf("written:\n%s", b.String())
			}
		})
	}
	q := valid()
	mustKeepSchema(t, requestVersion, written(t, q))
}

func TestPartsOutOfOrderAreNotWritten(t *testing.T) {
	q, s := valid(), Resolution{Assignment: valid().Assignment, Outcome: Outcome{Confirmation: ConfirmationPECR}}
	batch := ResolutionBatch{OriginalPaymentInformationID: "B"}
	request := func(write func(*RequestWriter)) error {
		w := NewRequestWriter(&bytes.Buffer{}, &q)
		write(w)
		return w.Close()
	}
	resolution := func(write func(*ResolutionWriter)) error {
		w := NewResolutionWriter(&bytes.Buffer{}, &s)
		write(w)
		return w.Close()
	}
	for name, err := range map[string]error{
		"batch of a request without group": request(func(w *RequestWriter) {
			w.Batch(&RequestBatch{OriginalPaymentInformationID: "B"})
			w.Group(&RequestGroup{})
		}),
		"transaction without batch":    request(func(w *RequestWriter) { w.Group(&RequestGroup{}); w.Transaction(&RequestTransaction{}) }),
		"batch without group":          resolution(func(w *ResolutionWriter) { w.Batch(&batch) }),
		"status without batch":         resolution(func(w *ResolutionWriter) { w.Group(&ResolutionGroup{}); w.Transaction(&ResolutionTransaction{}) }),
		"status outside without group": resolution(func(w *ResolutionWriter) { w.Direct(&ResolutionTransaction{}) }),
		"batch behind a status outside": resolution(func(w *ResolutionWriter) {
			w.Group(&ResolutionGroup{})
			w.Direct(&ResolutionTransaction{})
			w.Batch(&batch)
		}),
		"status in a batch with message": resolution(func(w *ResolutionWriter) {
			w.Group(&ResolutionGroup{})
			w.Batch(&batch)
			w.Transaction(&ResolutionTransaction{OriginalTransactionID: "T"})
		}),
	} {
		if !errors.Is(err, ErrContent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := resolution(func(w *ResolutionWriter) {
		w.Group(&ResolutionGroup{})
		w.Batch(&batch)
		w.Direct(&ResolutionTransaction{})
	}); err != nil {
		t.Errorf("in order: %v", err)
	}
}

func TestOutcomeIsExactlyOneThing(t *testing.T) {
	for name, o := range map[string]Outcome{
		"none": {},
		"two":  {Confirmation: ConfirmationCNCL, AssignmentCancelled: No},
	} {
		if err := WriteResolution(&bytes.Buffer{}, &Resolution{Assignment: valid().Assignment, Outcome: o}); !errors.Is(err, ErrContent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
