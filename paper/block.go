package paper

// Heading writes the heading of a part, and sees to it that it does not stand at the foot of a page.
func (d *Document) Heading(text string) {
	d.need(20)
	d.y += 2
	d.font(sans, bold, 11.5)
	d.ink(black)
	d.lines(text, leftMargin, textWidth, 5.5)
	d.y += 1.5
}

// Paragraph writes text.
func (d *Document) Paragraph(text string) { d.paragraph(text, black, 10, 4.8) }

// Note writes text in small print.
func (d *Document) Note(text string) { d.paragraph(text, soft, 8.5, 4) }

func (d *Document) paragraph(text string, grey int, points, height float64) {
	d.font(sans, "", points)
	d.need(float64(len(d.wrap(text, textWidth))) * height)
	d.font(sans, "", points) // the top of a new page may have changed it
	d.ink(grey)
	d.lines(text, leftMargin, textWidth, height)
	d.y += 2
}

// Row is a label and what belongs to it. A row without a value has a line to write on.
type Row struct{ Label, Value string }

// Rows writes a table of labels and values.
func (d *Document) Rows(rows ...Row) {
	const height, points = 4.9, 9.5
	for _, r := range rows {
		d.font(sans, "", points)
		labels := d.wrap(r.Label, labelWidth-3)
		values := d.wrap(r.Value, textWidth-labelWidth)
		count := float64(max(len(labels), len(values)))
		if r.Value == "" && count < 2 {
			count += 0.4 // room for handwriting
		}
		d.need(count*height + 1)
		top := d.y
		d.font(sans, "", points)
		d.ink(soft)
		for _, l := range labels {
			d.put(l, leftMargin, d.y+height*0.75)
			d.y += height
		}
		d.y = top
		d.ink(black)
		for _, v := range values {
			d.put(v, leftMargin+labelWidth, d.y+height*0.75)
			d.y += height
		}
		d.y = top + count*height + 0.4
		d.pdf.SetDrawColor(line, line, line)
		d.pdf.SetLineWidth(0.2)
		from := leftMargin
		if r.Value == "" {
			from += labelWidth
		}
		d.pdf.Line(from, d.y, pageWidth-rightMargin, d.y)
		d.y += 0.6
	}
	d.y += 1.5
}

// Digits writes a label and, below it, rows of digits that are as wide as each other. compare puts them on a grey ground, larger: it is
// what somebody compares. Rows may go on on the next page; a label never stands alone.
func (d *Document) Digits(label string, rows []string, compare bool) {
	height, points := 3.9, 9.0
	switch {
	case compare:
		height, points = 5.6, 11.0
	case len(rows) > 20: // a certificate, a key of 4,096 bits: one page should hold it
		height, points = 3.4, 8.0
	}
	space := height
	if compare {
		space = float64(len(rows))*height + 3 // in one piece
	}
	d.need(5 + space)
	d.font(sans, bold, 9)
	d.ink(black)
	d.lines(label, leftMargin, textWidth, 4.8)
	if compare {
		d.pdf.SetFillColor(highlight, highlight, highlight)
		d.pdf.Rect(leftMargin, d.y, textWidth, space, "F")
		d.y += 1.5
	}
	for _, row := range rows {
		d.need(height)
		d.font(fixed, "", points)
		d.ink(black)
		d.put(row, leftMargin+2, d.y+height*0.75)
		d.y += height
	}
	if compare {
		d.y += 1.5
	}
	d.y += 2
}

// Choice writes a box and what it stands for, ticked or to be ticked by hand.
func (d *Document) Choice(text string, ticked bool) {
	const height, side = 4.8, 3.2
	d.font(sans, "", 10)
	d.need(float64(len(d.wrap(text, textWidth-7))) * height)
	d.pdf.SetDrawColor(black, black, black)
	d.pdf.SetLineWidth(0.25)
	top := d.y + 0.6
	d.pdf.Rect(leftMargin+0.5, top, side, side, "D")
	if ticked {
		d.pdf.SetLineWidth(0.5)
		d.pdf.Line(leftMargin+1.1, top+0.6, leftMargin+side-0.1, top+side-0.6)
		d.pdf.Line(leftMargin+1.1, top+side-0.6, leftMargin+side-0.1, top+0.6)
	}
	d.font(sans, "", 10)
	d.ink(black)
	d.lines(text, leftMargin+7, textWidth-7, height)
	d.y += 0.8
}

// Keep begins a new page unless so many millimetres are left on this one: what follows stays together.
func (d *Document) Keep(millimetres float64) { d.need(millimetres) }

// Gap leaves space free, in millimetres.
func (d *Document) Gap(millimetres float64) { d.y += millimetres }

// Signatures draws lines to write on, side by side, with what goes there below each. room is the space above the lines in millimetres.
func (d *Document) Signatures(room float64, labels ...string) {
	const gap = 6.0
	d.font(sans, "", 8)
	width := (textWidth - gap*float64(len(labels)-1)) / float64(len(labels))
	d.need(room + 9)
	d.y += room
	d.font(sans, "", 8)
	d.ink(soft)
	d.pdf.SetDrawColor(black, black, black)
	d.pdf.SetLineWidth(0.25)
	top, lowest := d.y, d.y
	for i, label := range labels {
		x := leftMargin + float64(i)*(width+gap)
		d.pdf.Line(x, top, x+width, top)
		d.y = top + 0.8
		d.lines(label, x, width, 3.6)
		lowest = max(lowest, d.y)
	}
	d.y = lowest + 2
}
