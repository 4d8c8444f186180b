package tree

import (
	"errors"
	"strings"
	"testing"

	"kontor/xmlscan"
)

// Elements of other namespaces, with all they hold, say nothing.
func TestForeignElementsAreLeftOut(t *testing.T) {
	root, space, err := Parse(strings.NewReader(`<a xmlns="urn:x" xmlns:f="urn:f" n=" 1 " f:n="2"><f:b><b>foreign</b></f:b><b>o<!-- -->wn<f:c>x</f:c></b><b/></a>`), Limits{Bytes: 1000, Nodes: 20})
	if err != nil {
		t.Fatal(err)
	}
	if space != "urn:x" || root.Value("b") != "own" || len(root.All("b")) != 2 || root.Attr("n") != "1" {
		t.Errorf("%s %q, %d b, n=%q", space, root.Value("b"), len(root.All("b")), root.Attr("n"))
	}
	if missing := root.Child("no").Child("nothing"); missing.Text() != "" || missing.Attr("a") != "" || missing.All("") != nil {
		t.Error("what is missing is not empty")
	}
}

func TestLimitsOfATree(t *testing.T) {
	var syntax *xmlscan.SyntaxError
	if _, _, err := Parse(strings.NewReader("<a>"+strings.Repeat("<b/>", 50)+"</a>"), Limits{Bytes: 1000, Nodes: 50}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("51 elements: %v", err)
	}
	if _, _, err := Parse(strings.NewReader("<a>"+strings.Repeat(" ", 1000)+"</a>"), Limits{Bytes: 1000, Nodes: 50}); !errors.As(err, &syntax) {
		t.Errorf("1,007 bytes: %v", err)
	}
	if _, _, err := Parse(strings.NewReader(strings.Repeat("<a>", 40)+strings.Repeat("</a>", 40)), Limits{Bytes: 1000, Nodes: 50}); !errors.As(err, &syntax) {
		t.Errorf("a depth of 40: %v", err)
	}
	if _, _, err := Parse(strings.NewReader(""), Limits{Bytes: 1000, Nodes: 50}); !errors.As(err, &syntax) {
		t.Errorf("nothing: %v", err)
	}
}
