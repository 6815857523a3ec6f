"""A file as its owner looks at it: group by group, beside what its definition asks for."""
