package dtazv

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"kontor/money"
)

func TestWriteRefusesWhatTheFormatCannotHold(t *testing.T) {
	if err := Write(&bytes.Buffer{}, File{}); !errors.Is(err, ErrContent) {
		t.Errorf("an empty file: %v", err)
	}
	for name, change := range map[string]func(*LogicalFile){
		"no payment":            func(l *LogicalFile) { l.Payments = nil },
		"name too long":         func(l *LogicalFile) { l.Header.Originator[0] = strings.Repeat("A", 36) },
		"lower case":            func(l *LogicalFile) { l.Payments[0].Creditor[0] = "Martin" },
		"umlaut":                func(l *LogicalFile) { l.Payments[0].Creditor[0] = "MÜLLER" },
		"letters in a number":   func(l *LogicalFile) { l.Payments[0].Account = "12A" },
		"number too long":       func(l *LogicalFile) { l.Payments[0].BankCode = "123456789" },
		"no amount":             func(l *LogicalFile) { l.Payments[0].Amount = money.Amount{} },
		"four decimals":         func(l *LogicalFile) { l.Payments[0].Amount = money.Amount{Minor: 1, Currency: "CLF"} },
		"amount too large":      func(l *LogicalFile) { l.Payments[0].Amount.Minor = 1e16 },
		"account too long":      func(l *LogicalFile) { l.Payments[0].CreditorAccount = strings.Repeat("1", 35) },
		"year of another cycle": func(l *LogicalFile) { l.Header.Created.Year = 2080 },
		"nine reports":          func(l *LogicalFile) { l.Payments[0].Reports = make([]Report, 9) },
		"empty report":          func(l *LogicalFile) { l.Payments[0].Reports = make([]Report, 1) },
		"double report": func(l *LogicalFile) {
			l.Payments[0].Reports = []Report{{Transit: &Transit{}, Service: &Service{}}}
		},
		"sum too large": func(l *LogicalFile) {
			for range 11 {
				p := l.Payments[1]
				p.Amount.Minor = 9999999999999900
				l.Payments = append(l.Payments, p)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := sampleFile()
			change(&file.Files[0])
			if err := Write(&bytes.Buffer{}, file); !errors.Is(err, ErrContent) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFieldsCoverEachRecordWithoutGaps(t *testing.T) {
	for recordType, n := range map[byte]int{'Q': shortRecord, 'T': longRecord, 'V': shortRecord, 'W': shortRecord, 'Z': shortRecord} {
		next := 6
		for _, f := range fieldsOf(recordType) {
			if f.at != next {
				t.Errorf("%s begins at %d, the field before it ends before %d", f.number, f.at, next)
			}
			next = f.at + f.length
			if name := FieldName(f.number); name.EN == "" || name.DE == "" || name.SV == "" {
				t.Errorf("%s has no name", f.number)
			}
		}
		if next != n+1 {
			t.Errorf("%c ends before %d", recordType, next)
		}
	}
}

func TestTextsAreDecoded(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"ASCII", "MUELLER  ", "MUELLER"},
		{"ISO 8859-1", "M\xFCller\xDF", "Müllerß"},
		{"code page 850", "M\x9ALLER", "MÜLLER"},
		{"blank", "   ", ""},
	} {
		if got := decode([]byte(row.text)); got != row.want {
			t.Errorf("%s: %q", row.name, got)
		}
	}
}
