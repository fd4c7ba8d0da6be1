"""Papers: what each kind must contain, the terms they set down, codes that prove them. Pure.

- `kinds`: the kinds of documents, which text each says, who may print it
- `terms`: agreed instalments, settlements, lines of a statement: what a paper sets down
- `contents`: what a template and a paper must contain by kind and law
- `amounts`: amounts in figures and in words as a language writes them
- `codes`: the code on a paper, by which anybody may ask whether it holds
"""
