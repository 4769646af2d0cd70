/*
 * Copyright (c) 2026 The flowd authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * Flow: one flow, owned.  Most flows have nothing behind FLOW_RARE, and then
 * that is not kept; what is kept is part of the object until it is written to.
 */

#include <stddef.h>
#include <string.h>

#include "bindings/python/core/core.h"
#include "bindings/python/core/flow-names.h"
#include "bytes.h"
#include "field.h"
#include "store.h"

struct flow_object {
	PyObject_VAR_HEAD struct flow
	    *flow;  /* in own[], or a block of its own */
	bool whole; /* else it ends at FLOW_RARE */
	struct flow_record record;
	PyObject *data; /* the user's dict, or NULL */
	_Alignas(struct flow) char own[];
};

static inline struct flow_object *
cast(PyObject *self)
{
	return ((struct flow_object *)self);
}

static inline bool
is_rare(const struct field *fd)
{
	return (fd->off >= FLOW_RARE);
}

static inline bool
is_apart(const struct flow_object *self)
{
	return ((const char *)self->flow != self->own);
}

static bool
has_rare(const struct module_state *state, const struct flow *f)
{
	uint64_t any = 0;
	int w;

	for (w = 0; w < FLOW_WORDS; w++)
		any |= f->has.w[w] & state->rare.w[w];
	return (any != 0);
}

/* The first text from a field on that the flow has; FLOW_NFIELDS: none. */
static unsigned int
next_text(const struct module_state *state, const struct flow *f,
    unsigned int from)
{
	unsigned int w = from / 64;
	uint64_t left;

	for (; w < FLOW_WORDS; w++, from = w * 64) {
		left =
		    f->has.w[w] & state->texts.w[w] & ~(uint64_t)0 << from % 64;
		if (left != 0)
			return (w * 64 + (unsigned int)__builtin_ctzll(left));
	}
	return (FLOW_NFIELDS);
}

/* The bytes of its texts. */
static size_t
text_bytes(const struct module_state *state, const struct flow *f)
{
	const struct flow_text *text;
	unsigned int i;
	size_t n = 0;

	for (i = 0; (i = next_text(state, f, i)) < FLOW_NFIELDS; i++) {
		text = field_cptr(f, &fields[i]);
		n += text->len;
	}
	return (n);
}

/* Put its texts behind it, where there is room for them. */
static void
move_texts(const struct module_state *state, struct flow *f)
{
	char *to = (char *)(f + 1);
	struct flow_text *text;
	unsigned int i;

	for (i = 0; (i = next_text(state, f, i)) < FLOW_NFIELDS; i++) {
		text = field_ptr(f, &fields[i]);
		if (text->len > 0)
			memcpy(to, text->p, text->len);
		text->p = to;
		to += text->len;
	}
}

/* It becomes that one, whole, in a block of its own. */
static int
become(struct flow_object *self, const struct flow *f)
{
	const struct module_state *state = core_state((PyObject *)self);
	struct flow *block;

	block = PyMem_Malloc(sizeof(*block) + text_bytes(state, f));
	if (block == NULL) {
		(void)PyErr_NoMemory();
		return (-1);
	}
	*block = *f;
	move_texts(state, block);
	if (is_apart(self))
		PyMem_Free(self->flow);
	self->flow = block;
	self->whole = true;
	return (0);
}

static int
make_whole(struct flow_object *self)
{
	struct flow f = {0};

	if (self->whole)
		return (0);
	memcpy(&f, self->flow, FLOW_RARE);
	return (become(self, &f));
}

static struct flow_object *
flow_new(PyTypeObject *type, size_t room)
{
	struct flow_object *self;

	self = PyObject_GC_NewVar(struct flow_object, type, (Py_ssize_t)room);
	if (self == NULL)
		return (NULL);
	self->flow = (struct flow *)(void *)self->own;
	self->whole = room >= sizeof(struct flow);
	self->record = (struct flow_record){0};
	self->data = NULL;
	return (self);
}

/* The collector need not know it before it has a dict. */
PyObject *
flow_wrap(const struct module_state *state, const struct flow *f, bool classic)
{
	bool rare = has_rare(state, f);
	struct flow_object *self;

	self = flow_new(state->type[CORE_FLOW],
	    rare ? sizeof(*f) + text_bytes(state, f) : FLOW_RARE);
	if (self == NULL)
		return (NULL);
	self->record.classic = classic;
	if (rare) {
		*self->flow = *f;
		move_texts(state, self->flow);
	} else
		memcpy(self->own, f, FLOW_RARE);
	return ((PyObject *)self);
}

bool
flow_check(const struct module_state *state, PyObject *o)
{
	return (Py_IS_TYPE(o, state->type[CORE_FLOW]));
}

const struct flow *
flow_of(PyObject *self)
{
	return (make_whole(cast(self)) == -1 ? NULL : cast(self)->flow);
}

const struct flow *
flow_front(PyObject *self)
{
	return (cast(self)->flow);
}

struct flow_record *
flow_record(PyObject *self)
{
	return (&cast(self)->record);
}

PyObject *
flow_data(PyObject *self)
{
	if (cast(self)->data == NULL) {
		if ((cast(self)->data = PyDict_New()) == NULL)
			return (NULL);
		if (!PyObject_GC_IsTracked(self))
			PyObject_GC_Track(self);
	}
	return (Py_NewRef(cast(self)->data));
}

int
flow_set_data(PyObject *self, PyObject *value)
{
	PyObject *old = flow_data(self);

	if (old == NULL)
		return (-1);
	cast(self)->data = Py_NewRef(value == NULL ? Py_None : value);
	Py_DECREF(old); /* the object's */
	Py_DECREF(old); /* and ours */
	return (0);
}

/*
 * By the original's rules, where it is one of its flows and fields.  They warn,
 * and who handles warnings may set another attribute, so the flow may have
 * moved when the value is there.
 */
static int
take(struct flow_object *self, enum flow_field which, PyObject *value)
{
	const struct field *fd = &fields[which];
	struct flow f = {0};
	int r;

	r = self->record.classic && fd->store != 0
	    ? classic_take(&f, which, value)
	    : field_take(&f, which, value);
	if (r == 0)
		memcpy(field_ptr(self->flow, fd), field_cptr(&f, fd),
		    field_size(fd->type));
	return (r);
}

/* The original took "" for no address. */
static bool
is_none(const struct flow_object *self, enum flow_field which, PyObject *value)
{
	if (value == NULL || value == Py_None)
		return (true);
	return (self->record.classic && fields[which].type == FT_ADDR &&
	    PyUnicode_Check(value) && PyUnicode_GetLength(value) == 0);
}

int
flow_put(PyObject *o, enum flow_field which, PyObject *value)
{
	struct flow_object *self = cast(o);
	const struct field *fd = &fields[which];
	struct flow f;

	if (is_rare(fd) && make_whole(self) == -1)
		return (-1);
	if (is_none(self, which, value)) {
		/* Another field may live in the same member. */
		if (flow_has(self->flow, which))
			memset(field_ptr(self->flow, fd), 0,
			    field_size(fd->type));
		flow_unset(self->flow, which);
		return (0);
	}
	if (fd->type != FT_TEXT) {
		if (take(self, which, value) == -1)
			return (-1);
		if (which == FLOW_SRC_ADDR || which == FLOW_DST_ADDR)
			flow_unset(self->flow,
			    which + FLOW_SRC_PREFIX - FLOW_SRC_ADDR);
		if (which == FLOW_SRC_PREFIX || which == FLOW_DST_PREFIX)
			flow_unset(self->flow,
			    which - FLOW_SRC_PREFIX + FLOW_SRC_ADDR);
		flow_set(self->flow, which);
		return (0);
	}
	f = *self->flow;
	if (field_take(&f, which, value) == -1)
		return (-1);
	flow_set(&f, which);
	return (become(self, &f));
}

/* Names that were the original's, too: numbers of its flows are never None. */
static bool
reads_zero(PyObject *self, enum flow_field which)
{
	return (cast(self)->record.classic && fields[which].store != 0 &&
	    fields[which].type <= FT_U32);
}

PyObject *
flow_get(PyObject *self, enum flow_field which)
{
	const struct flow *f = cast(self)->flow;

	if (flow_has(f, which))
		return (field_value(f, which));
	if (reads_zero(self, which))
		return (PyLong_FromLong(0));
	Py_RETURN_NONE;
}

static PyObject *
get_field(PyObject *self, void *which)
{
	return (flow_get(self, (enum flow_field)(uintptr_t)which));
}

static int
set_field(PyObject *self, PyObject *value, void *which)
{
	return (flow_put(self, (enum flow_field)(uintptr_t)which, value));
}

static PyObject *
to_dict(PyObject *self, PyObject *none)
{
	PyObject *dict = PyDict_New(), *value;
	int i, bad;

	(void)none;
	for (i = 0; i < FLOW_NFIELDS && dict != NULL; i++) {
		if (!flow_has(cast(self)->flow, i))
			continue;
		value = field_value(cast(self)->flow, i);
		bad = value == NULL ||
		    PyDict_SetItemString(dict, fields[i].name, value) == -1;
		Py_XDECREF(value);
		if (bad)
			Py_CLEAR(dict);
	}
	return (dict);
}

static bool
same_field(const struct flow *a, const struct flow *b, const struct field *fd)
{
	const struct flow_text *x, *y;

	if (fd->type != FT_TEXT)
		return (memcmp(field_cptr(a, fd), field_cptr(b, fd),
			    field_size(fd->type)) == 0);
	x = field_cptr(a, fd);
	y = field_cptr(b, fd);
	return (x->len == y->len &&
	    (x->len == 0 || memcmp(x->p, y->p, x->len) == 0));
}

static PyObject *
compare(PyObject *a, PyObject *b, int op)
{
	const struct flow *x, *y;
	bool same;
	int i;

	if ((op != Py_EQ && op != Py_NE) || Py_TYPE(a) != Py_TYPE(b))
		Py_RETURN_NOTIMPLEMENTED;
	x = cast(a)->flow;
	y = cast(b)->flow;
	same = memcmp(&x->has, &y->has, sizeof(x->has)) == 0;
	for (i = 0; i < FLOW_NFIELDS && same; i++)
		same = !flow_has(x, i) || same_field(x, y, &fields[i]);
	return (PyBool_FromLong(same == (op == Py_EQ)));
}

static PyObject *
repr(PyObject *self)
{
	PyObject *dict = to_dict(self, NULL), *result;

	if (dict == NULL)
		return (NULL);
	result = PyUnicode_FromFormat("<flowd.Flow %R>", dict);
	Py_DECREF(dict);
	return (result);
}

/* One record of version 3. */
static int
take_blob(PyObject *self, PyObject *blob)
{
	struct store_record rec;
	enum store_err err;
	Py_buffer view;
	struct rd rd;

	if (PyObject_GetBuffer(blob, &view, PyBUF_SIMPLE) == -1)
		return (-1);
	rd = rd_init(view.buf, (size_t)view.len);
	err = store_read(&rd, &rec);
	PyBuffer_Release(&view);
	if (err != STORE_OK) {
		PyErr_SetString(PyExc_ValueError,
		    classic_strerror(err, rd.left));
		return (-1);
	}
	memcpy(cast(self)->flow, &rec.flow, FLOW_RARE);
	cast(self)->record.fields = rec.fields;
	cast(self)->record.crc = rec.crc;
	cast(self)->record.version = rec.version;
	return (0);
}

static int
take_fields(PyObject *self, PyObject *kwargs)
{
	PyObject *name, *value;
	Py_ssize_t pos = 0;

	while (kwargs != NULL && PyDict_Next(kwargs, &pos, &name, &value))
		if (PyObject_SetAttr(self, name, value) == -1)
			return (-1);
	return (0);
}

static PyObject *new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	PyObject *self, *blob = NULL;

	if (!PyArg_UnpackTuple(args, "Flow", 0, 1, &blob))
		return (NULL);
	if (blob == NULL && kwargs != NULL) {
		blob = PyDict_GetItemString(kwargs, "blob");
		if (blob != NULL && PyDict_Size(kwargs) == 1)
			kwargs = NULL;
	}
	if ((self = (PyObject *)flow_new(type, FLOW_RARE)) == NULL)
		return (NULL);
	memset(cast(self)->own, 0, FLOW_RARE);
	/* Who gives fields means just these. */
	cast(self)->record.classic = kwargs == NULL || PyDict_Size(kwargs) == 0;
	cast(self)->record.version = STORE_VERSION;
	if ((blob != NULL && blob != Py_None && take_blob(self, blob) == -1) ||
	    take_fields(self, kwargs) == -1)
		Py_CLEAR(self);
	return (self);
}

static int
traverse(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	Py_VISIT(cast(self)->data);
	return (0);
}

static int
clear(PyObject *self)
{
	Py_CLEAR(cast(self)->data);
	return (0);
}

/*
 * Flows that are the data of flows go one by one: as many as there are would
 * be too deep for the stack.
 */
static void
drop_data(PyObject *data, PyTypeObject *type)
{
	PyObject *next;

	while (data != NULL && Py_IS_TYPE(data, type) && Py_REFCNT(data) == 1) {
		next = cast(data)->data;
		cast(data)->data = NULL;
		Py_DECREF(data);
		data = next;
	}
	Py_XDECREF(data);
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	PyObject_GC_UnTrack(self);
	drop_data(cast(self)->data, type);
	if (is_apart(cast(self)))
		PyMem_Free(cast(self)->flow);
	PyObject_GC_Del(self);
	Py_DECREF(type);
}

#define KEYWORDS(fn) ((PyCFunction)(void (*)(void))(fn))

static PyMethodDef methods[] = {
    {"format", KEYWORDS(classic_format), METH_VARARGS | METH_KEYWORDS,
	"format($self, utc=0, mask=14847)\n--\n\n"
	"The line of flowd-reader, of the groups in mask."},
    {"has_field", KEYWORDS(classic_has_field), METH_VARARGS | METH_KEYWORDS,
	"has_field($self, field)\n--\n\nAre all these groups there?"},
    {"serialise", classic_serialise, METH_NOARGS,
	"serialise($self, /)\n--\n\nA record of version 3."},
    {"to_dict", to_dict, METH_NOARGS,
	"to_dict($self, /)\n--\n\nFields that it has, by name."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
	"Flow(blob=None, **fields)\n\n"
	"One flow.  Each field is an attribute: None if the flow does\n"
	"not have it.  Those of Flow(), Flow(blob) and FlowLog are the\n"
	"original's: absent numbers are 0, and the attribute fields says\n"
	"what is written."},
    {Py_tp_new, new},
    {Py_tp_dealloc, dealloc},
    {Py_tp_traverse, traverse},
    {Py_tp_clear, clear},
    {Py_tp_repr, repr},
    {Py_tp_richcompare, compare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_methods, methods},
    {Py_tp_getset, NULL}, /* flow_register() */
    {0, NULL},
};

static PyGetSetDef *
make_getters(void)
{
	size_t others = flow_names_count(), i;
	PyGetSetDef *to;

	to = PyMem_Calloc(FLOW_NFIELDS + others + 1, sizeof(*to));
	for (i = 0; i < FLOW_NFIELDS && to != NULL; i++) {
		to[i].name = fields[i].name;
		to[i].doc = fields[i].what;
		to[i].get = get_field;
		to[i].set = set_field;
		to[i].closure = (void *)(uintptr_t)i;
	}
	for (i = 0; i < others && to != NULL; i++)
		flow_names_fill(i, &to[FLOW_NFIELDS + i]);
	if (to == NULL)
		(void)PyErr_NoMemory();
	return (to);
}

int
flow_register(PyObject *module)
{
	struct module_state *state = PyModule_GetState(module);
	PyType_Slot filled[sizeof(slots) / sizeof(slots[0])];
	PyType_Spec spec = {
	    .name = "flowd.Flow",
	    .basicsize = offsetof(struct flow_object, own),
	    .itemsize = 1,
	    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
		Py_TPFLAGS_IMMUTABLETYPE,
	    .slots = filled,
	};
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (is_rare(&fields[i]))
			state->rare.w[i / 64] |= (uint64_t)1 << i % 64;
		if (fields[i].type == FT_TEXT)
			state->texts.w[i / 64] |= (uint64_t)1 << i % 64;
	}
	if ((state->getters = make_getters()) == NULL)
		return (-1);
	memcpy(filled, slots, sizeof(slots));
	for (i = 0; filled[i].slot != 0; i++)
		if (filled[i].slot == Py_tp_getset)
			filled[i].pfunc = state->getters;
	return (core_add_type(module, CORE_FLOW, &spec));
}
