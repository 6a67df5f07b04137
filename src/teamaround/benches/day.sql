-- Beside an area of `world.sql`: a team whose worker has a hundred families, and a team of a manager over thirty workers.
-- Names in braces are numbers that `day.build` fills in. The kinds of case and their clocks are those of `world.sql`.
insert into principal (id, kind) select {team} + n, 'team' from generate_series(0, 1) n;
insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug)
  select {team} + n, 1, 'day-' || n, (array['Hundred families', 'Thirty workers'])[n + 1], '', '01632 960100', '', true,
    'stockport-families-first' from generate_series(0, 1) n;
insert into account (id, password, email, is_active) select {account} + n, '!', 'day-' || n || '@bench.example', true
  from generate_series(0, 31) n;
insert into principal (id, kind) select {worker} + n, 'practitioner' from generate_series(0, 31) n;
insert into practitioner (id, account_id, uuid, name, job_title, phone)
  select {worker} + n, {account} + n, gen_random_uuid(), 'Ash Marsh ' || n, 'Worker', '01632 960101' from generate_series(0, 31) n;
insert into membership (practitioner_id, team_id, role, since)
  select {worker} + n, {team} + least(n, 1), case n when 1 then 'manager' else 'practitioner' end, now() - interval '2 years'
  from generate_series(0, 31) n;
create temp table bench_day on commit drop as
  select {subject} + n as child, {subject} + {cases} + n as family, {team} + (n >= {hundred})::int as team,
    case when n < {hundred} then {worker} when n < {allocated} then {worker} + 2 + n % 30 end as worker,
    case when n < {waiting} then 'open' else 'waiting' end as status, n
  from generate_series(0, {cases} - 1) n;
insert into subject (id, kind) select child, 'person' from bench_day;
insert into subject (id, kind) select family, 'family' from bench_day;
insert into person (subject_id, uuid, category, author_team_id, recorded_by, changed_by, recorded_at, changed_at, version,
    given, family_name, date_of_birth, born_precision, sex)
  select child, gen_random_uuid(), 'index', team, 1, 1, now(), now(), 1, (array[{given}])[1 + (n * 7) % {given_count}],
    (array[{surnames}])[1 + (n / 3) % {surname_count}], date '2009-01-01' + (n * 37) % 5800, 'day', (array['F','M','U'])[1 + n % 3]
  from bench_day;
insert into family (subject_id, uuid, category, author_team_id, recorded_by, changed_by, recorded_at, changed_at, version, name)
  select b.family, gen_random_uuid(), 'index', b.team, 1, 1, now(), now(), 1, p.family_name
  from bench_day b join person p on p.subject_id = b.child;
insert into family_member (subject_id, category, author_team_id, recorded_by, changed_by, version, source_id, since, role,
    lives_here, person_id, void_reason)
  select family, 'index', team, 1, 1, 1, team, current_date - 100, 'child', true, child, '' from bench_day;
insert into involvement (subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, practitioner_id, role, since)
  select child, 'index', team, 1, 1, 1, gen_random_uuid(), worker, 'lead', current_date - 90 from bench_day where worker is not null;
insert into episode (id, subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, family_id, referring_team_id,
    procedure_id, status, priority, stage, opened_at)
  select child, child, 'referral', team, 1, 1, 1, gen_random_uuid(), family, 1 + n % {teams},
    (select min(id) from procedure_version), status, 'standard', (array['request', 'received', 'support', 'review'])[1 + n % 4],
    now() - make_interval(days => n % 90) from bench_day;
insert into allocation (subject_id, category, author_team_id, recorded_by, changed_by, version, episode_id, practitioner_id, since)
  select child, 'referral', team, 1, 1, 1, child, worker, now() - make_interval(days => n % 90) from bench_day where worker is not null;
insert into clock (episode_id, subject_id, category, author_team_id, owner_id, key, title, started_at, due_at, why, link)
  select child, child, 'referral', team, worker, (array['review', 'first-visit'])[k],
    (array['Review the plan with the family', 'Visit the family'])[k], now() - make_interval(days => n % 90),
    now() + make_interval(hours => (n * 13 + k * 17) % 400 - 60), 'The plan is reviewed every week.', (array['review', 'visit'])[k]
  from bench_day cross join generate_series(1, 2) k;
insert into event (occurrence, kind, subject_id, category, author_team_id, episode, happened_at, recorded_by, voids)
  select gen_random_uuid(), (array['referral.received','referral.accepted','visit.made','contact.recorded','plan.agreed'])[1 + k % 5],
    child, (array['referral','referral','notes','notes','plan'])[1 + k % 5], team, child,
    now() - make_interval(days => n % 90) + make_interval(hours => k), coalesce(worker, {worker}), false
  from bench_day cross join generate_series(0, 7) k;
insert into referral (subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, form_token, receiving_team_id, episode_id,
    given, family_name, date_of_birth, born_precision, sex, others_in_family, cares, cares_for, caring_tasks,
    caring_hours, worries, going_well, hoped_for, criteria, assessments_known, agreement, agreement_reason, childs_words, immediate_reason,
    arrival, told_by, moves, asks_to_lead)
  select e.subject_id, 'referral', e.referring_team_id, 1, 1, 1, gen_random_uuid(), gen_random_uuid(), e.author_team_id, e.id,
    p.given, p.family_name, p.date_of_birth, 'day', p.sex, '', true, 'Mum', '', '', 'Tired in class.', '', '',
    '{{young_carer}}', '', 'agree', '', '', '', 'written', '', '', false
  from bench_day b join episode e on e.id = b.child join person p on p.subject_id = e.subject_id;
insert into referral_step (subject_id, category, author_team_id, recorded_by, changed_by, version, referral_id, referring_team_id,
    receiving_team_id, kind, words)
  select r.subject_id, 'referral', r.author_team_id, 1, 1, 1, r.id, r.author_team_id, r.receiving_team_id, 'received', ''
  from referral r join bench_day b on b.child = r.subject_id;
insert into task (subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, title, owner_id, owner_team_id,
    owner_words, due_on, state, episode)
  select child, 'plan', team, 1, 1, 1, gen_random_uuid(), 'Ring the school about lunches', worker, team, '', current_date + n % 9 - 2,
    'requested', child from bench_day where n % 10 = 0;
insert into meeting (subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, episode_id, family_id, kind, state,
    about, starts_at, place, purpose, cancelled_reason)
  select b.child, 'plan', b.team, 1, 1, 1, gen_random_uuid(), b.child, b.family, 'team_around', 'booked', p.given,
    date_trunc('day', now()) + make_interval(days => n % 9, hours => 9 + n % 8), 'Example School', 'Agree the plan', ''
  from bench_day b join person p on p.subject_id = b.child where n % 10 = 5;
insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
  select i.subject_id, i.author_team_id, 'index', tstzrange(now() - interval '90 days', null), 'involvement', i.id
  from involvement i join bench_day b on b.child = i.subject_id;
insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
  select s, e.author_team_id, 'index', tstzrange(e.opened_at, null), 'episode', e.id
  from bench_day b join episode e on e.id = b.child, unnest(array[e.subject_id, e.family_id]) s
