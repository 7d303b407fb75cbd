"""A class: its pupils, where they are, what they have answered and handed in, and the view that the room follows.

All of it lies in one SQLite file a class, below the server's root folder. Several server processes write it, and whatever is killed, what
a call has stored is there when it has returned. A pupil is known by the visitor's id (`complex_lstm.visitors`), on a second device by a
code of their own; nobody is known here by what they call themselves.

`storage` has the file, `door` who comes in, `work` what pupils do, `view` what the room follows, `tables` what a teacher takes along.
"""
