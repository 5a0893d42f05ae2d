package merge

// group is a run of changed lines of one side, which may be none: between two
// lines that stay there always is a group.
type group struct {
	t *text
	span
}

func firstGroup(t *text) group {
	g := group{t: t}
	g.grow()
	return g
}

func (g *group) grow() {
	for g.t.changed[g.end] {
		g.end++
	}
}

// next steps over the line behind the group, and reports whether there is one.
func (g *group) next() bool {
	if g.end == len(g.t.line) {
		return false
	}
	g.at, g.end = g.end+1, g.end+1
	g.grow()
	return true
}

func (g *group) previous() {
	g.at, g.end = g.at-1, g.at-1
	for g.at > 0 && g.t.changed[g.at-1] {
		g.at--
	}
}

// up moves the group by a line, when the line above is the same as its last
// one, and takes in the group that it then touches.
func (g *group) up() bool {
	if g.at == 0 || g.t.line[g.at-1] != g.t.line[g.end-1] {
		return false
	}
	g.at--
	g.end--
	g.t.changed[g.at], g.t.changed[g.end] = true, false
	for g.at > 0 && g.t.changed[g.at-1] {
		g.at--
	}
	return true
}

// down is up the other way.
func (g *group) down() bool {
	if g.end == len(g.t.line) || g.t.line[g.at] != g.t.line[g.end] {
		return false
	}
	g.t.changed[g.at], g.t.changed[g.end] = false, true
	g.at++
	g.end++
	g.grow()
	return true
}

// slide moves the groups of t that could as well stand elsewhere: to the last
// place where the other side has a group as well, or else as far down as it
// goes.
func slide(t, other *text) {
	g, o := firstGroup(t), firstGroup(other)
	for {
		if g.at < g.end {
			g.settle(&o)
		}
		if !g.next() {
			return
		}
		o.next()
	}
}

// settle slides one group; o is the group of the other side that stands beside
// it, and goes with it.
func (g *group) settle(o *group) {
	beside := false
	for size := -1; size != g.end-g.at; {
		size = g.end - g.at
		for g.up() {
			o.previous()
		}
		beside = o.at < o.end
		for g.down() {
			o.next()
			beside = beside || o.at < o.end
		}
	}
	for beside && o.at == o.end {
		g.up()
		o.previous()
	}
}
