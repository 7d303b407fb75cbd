"""Class: the teacher's page, where the server teaches a class."""

from complex_lstm.classroom.work import class_records
from complex_lstm.ui.views.classroom.teacher import offer_tables, open_class, show_answers, show_door, show_hand_ins, show_pupils
from complex_lstm.ui.views.tour.chapters import CHAPTERS

room = open_class()
records = class_records(room)
show_door(room)
show_pupils(room, records)
show_answers(room, records, lambda number: CHAPTERS[number - 1].title)
show_hand_ins(records)
offer_tables(room)
